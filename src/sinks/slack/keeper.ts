import { fstatSync, fsyncSync, ftruncateSync } from "node:fs";
import { openForAppending } from "../../core/durable.ts";
import { fileError, reasonOf, ToolError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { writeWhole } from "../../core/output.ts";

const NEWLINE = Buffer.from("\n");

/** A file that log records are appended to, as they were read; one process a file. */
export interface Keeper {
  take(line: Buffer): void;
  /** The records taken since the last call are on the disk, or told as not kept. Never throws. */
  settle(): void;
  /** @throws ToolError (io, permission) when some could not be kept. */
  end(): void;
}

/**
 * Opens a file to keep log records in. What the disk does not take is told the first time and counted, and leaves no
 * half of a line; the posts go on, and so does the keeping once there is room again.
 * @throws ToolError (cannotCreate, permission).
 */
export function openKeeper(path: string, log: Log): Keeper {
  const descriptor = openForAppending(path);
  const isFile = fstatSync(descriptor).isFile();
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
  };
}
