import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, statSync } from "node:fs";
import { fileError, reasonOf, ToolError } from "../../core/errors.ts";
import { type FileLock, lockHolder, tryLock } from "../../core/lock.ts";
import type { Log } from "../../core/log.ts";
import { writeWhole } from "../../core/output.ts";
import { cutTail } from "./spool-file.ts";

const NEWLINE = Buffer.from("\n");

/** A file that log records are appended to, as they were read; one process a file. */
export interface Keeper {
  take(line: Buffer): void;
  /** The records taken since the last call are on the disk, or told as not kept. Never throws. */
  settle(): void;
  /** @throws ToolError (io, permission) when some could not be kept. */
  end(): void;
  /** Leaves the file to others. */
  close(): void;
}

/**
 * Opens a file to keep log records in. What the disk does not take is told the first time and counted, and leaves no
 * half of a line; the posts go on, and so does the keeping once there is room again. Half of a line that a killed process
 * left at the end of the file is cut off, and a lock stands beside it, `FILE.lock.N`, while it is open; a device has neither.
 * @throws ToolError (unavailable) while another process keeps records there; (cannotCreate, permission, io).
 */
export function openKeeper(path: string, log: Log): Keeper {
  const { descriptor, lock, cut } = openAlone(path);
  if (cut > 0)
    log.warning(`${path}: half of a record that a killed run left there is cut off`, { bytes: cut });
  const isFile = lock !== undefined;
  let lines: Buffer[] = [];
  let lost = 0;
  let failure: ToolError | undefined;

  function append(count: number, bytes: Buffer): void {
    const size = isFile ? fstatSync(descriptor).size : 0;
    try {
      writeWhole(descriptor, bytes);
      // A device cannot be synced.
      if (isFile) fsyncSync(descriptor);
    } catch (cause) {
      const error = fileError(path, "write", cause);
      if (isFile) ftruncateSync(descriptor, size);
      if (failure === undefined) log.error(`${error.message}; records go to Slack all the same`);
      failure = error;
      lost += count;
    }
  }

  return {
    take: (line) => lines.push(Buffer.from(line), NEWLINE),
    settle() {
      if (lines.length === 0) return;
      const taken = lines;
      lines = [];
      append(taken.length / 2, Buffer.concat(taken));
    },
    end() {
      if (failure === undefined) return;
      throw new ToolError(failure.kind, `${reasonOf(failure)}; ${lost} log records not kept there`, {
        cause: failure,
        facts: { unkept: lost },
      });
    },
    close() {
      closeSync(descriptor);
      lock?.release();
    },
  };
}

interface Opened {
  readonly descriptor: number;
  /** A file's; a device has none. */
  readonly lock: FileLock | undefined;
  /** What was cut off at its end, bytes. */
  readonly cut: number;
}

/** Opens a file to append whole lines to, making it where there is none. */
function openAlone(path: string): Opened {
  let descriptor: number;
  try {
    // Devices may not let themselves be read.
    const isOther = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
    descriptor = openSync(path, isOther ? "a" : "a+");
  } catch (error) {
    throw fileError(path, "create", error);
  }
  try {
    if (!fstatSync(descriptor).isFile()) return { descriptor, lock: undefined, cut: 0 };
    const lock = lockOf(path);
    const { size } = fstatSync(descriptor);
    return { descriptor, lock, cut: size - cutTail(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error instanceof ToolError ? error : fileError(path, "write", error);
  }
}

function lockOf(path: string): FileLock {
  const lock = tryLock(`${path}.lock`);
  if (lock !== undefined) return lock;
  const pid = lockHolder(`${path}.lock`);
  const who = pid === undefined ? "another process" : `another process (pid ${pid})`;
  throw new ToolError("unavailable", `${path}: ${who} keeps records there; give each a file of its own`, {
    facts: { pid },
  });
}
