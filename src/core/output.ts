import { fstatSync, type Stats, writeSync } from "node:fs";
import { fileError, systemCode, type ToolError } from "./errors.ts";

/** Bytes handed to a pipe that its reader has not taken yet, above which `ready` waits. */
const BACKLOG_BYTES_MAX = 1 << 20;

/** Standard output: data only. */
export interface Output {
  /**
   * Hands over bytes, whole lines at a time; they are on their way when this returns.
   * @returns true when they have been taken, so that their buffer may be used again; else it belongs to the output.
   */
  write(bytes: Buffer | string): boolean;
  /** undefined when there is room; else a promise that resolves when there is again (or the reader is gone). */
  ready(): Promise<void> | undefined;
  /** Resolves when everything handed over has been taken. @throws ToolError (io) when it could not be written. */
  flush(): Promise<void>;
  /** Aborts when the reader went away (EPIPE) or the output failed: no further write has a purpose. */
  readonly gone: AbortSignal;
}

/**
 * Standard output as an Output.
 *
 * Files are written at once and whole, so that a full disk is noticed on the line that did not fit; pipes and
 * terminals without blocking, so that signals and ticks go on while the reader is slow.
 */
export function standardOutput(): Output {
  const gone = new AbortController();
  let failure: ToolError | undefined;
  let backlog = 0;
  let waiting: (() => void)[] = [];

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  }
  function fail(error: unknown): void {
    if (systemCode(error) !== "EPIPE") failure ??= fileError("standard output", "write", error);
    gone.abort();
    wake();
  }
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => (done() || gone.signal.aborted ? resolve() : waiting.push(look));
      look();
    });

  if (statOf(1)?.isFile() === true) {
    return {
      gone: gone.signal,
      write(bytes) {
        try {
          if (!gone.signal.aborted) writeWhole(1, bytes);
        } catch (error) {
          fail(error);
        }
        return true;
      },
      ready: () => undefined,
      flush: async () => {
        if (failure !== undefined) throw failure;
      },
    };
  }
  const isPipe = statOf(1)?.isFIFO() === true || statOf(1)?.isSocket() === true;
  let stream: typeof process.stdout | undefined;
  /** Opened by the first write: from then on the pipe does not block, nor for any other program that writes to it. */
  const opened = () => {
    stream ??= process.stdout.on("error", fail);
    return stream;
  };

  /** What a pipe has room for goes into it at once, past the stream's machinery; gives what is left. */
  function offer(bytes: Buffer): Buffer {
    opened();
    if (!isPipe || backlog > 0) return bytes;
    try {
      return bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (systemCode(error) !== "EAGAIN") fail(error);
      return bytes;
    }
  }

  return {
    gone: gone.signal,
    write(data) {
      if (gone.signal.aborted || data.length === 0) return true;
      const bytes = offer(typeof data === "string" ? Buffer.from(data) : data);
      if (gone.signal.aborted || bytes.length === 0) return true;
      backlog += bytes.length;
      opened().write(bytes, () => {
        backlog -= bytes.length;
        wake();
      });
      return false;
    },
    ready: () => (backlog <= BACKLOG_BYTES_MAX ? undefined : until(() => backlog <= BACKLOG_BYTES_MAX)),
    async flush() {
      await until(() => backlog === 0);
      if (failure !== undefined) throw failure;
    },
  };
}

/** Writes all of it or throws: a plain write may take less than it was given when the disk fills up. */
export function writeWhole(descriptor: number, data: Buffer | string): void {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/** Writes a text to standard output at once; to a reader that went away, nothing. @throws ToolError (io). */
export function print(text: string): void {
  try {
    writeWhole(1, text);
  } catch (error) {
    if (systemCode(error) !== "EPIPE") throw fileError("standard output", "write", error);
  }
}

function statOf(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}
