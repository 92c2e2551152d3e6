import { fsyncSync, ftruncateSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { appendDurably, readIfThere, syncFolder, writeAtomically } from "../../core/durable.ts";
import { ToolError } from "../../core/errors.ts";
import { makeFolder } from "../../core/folders.ts";
import { type FileLock, lockHolder, tryLock } from "../../core/lock.ts";
import { cutTail, NEWLINE, wholeLines, withFile } from "./spool-file.ts";

/** How often a lock that another process holds for the time of one append is asked for, ms. */
const APPEND_POLL_MS = 5;
/** Longest that one is waited for, ms. */
const APPEND_WAIT_MS_MAX = 10_000;

/** A record that waits. */
export interface SpooledLine {
  readonly text: string;
  /** The position after it; positions count the bytes ever spooled and never go back. */
  readonly end: number;
}

/** What became of lines handed to `append`. */
export interface Appended {
  /** The position after each line that was kept, in order. */
  readonly ends: readonly number[];
  /** How many at the end did not fit into the spool. */
  readonly dropped: number;
}

/**
 * The outbox of one webhook: `spool.ndjson`, to which any number of processes append; `cursor`, up to where it is
 * delivered; `dead-letter.ndjson`, what Slack refused. One process at a time holds the sender's lock and moves the
 * cursor. Everything is on the disk when a call returns.
 *
 * `cursor` holds two numbers: the offset in the file, bytes, and how many bytes were spooled before the file was
 * last emptied. Their sum is a position that never goes back, so that an appender can tell when its own are through.
 */
export interface Spool {
  readonly folder: string;
  /** Most that the file may grow to, bytes. */
  readonly bytesMax: number;
  /** Takes the sender's lock, unless a living process has it. */
  lock(): FileLock | undefined;
  /** The process that has it. */
  sender(): number | undefined;
  /** Appends lines (no newline in them), as far as they fit. @throws ToolError (io, permission): none was kept. */
  append(lines: readonly Buffer[]): Promise<Appended>;
  /** Up to where everything is delivered. */
  position(): number;
  /** The whole lines after it, from the disk: up to 1 MiB of them. */
  waiting(): SpooledLine[];
  /** How many whole lines wait. */
  countWaiting(): number;
  /** The sender only: everything up to here is delivered. */
  advance(position: number): void;
  /** The sender only: keeps what Slack refused. */
  bury(lines: readonly SpooledLine[], reason: string): void;
  /** The sender only: empties the file when all of it is delivered. @returns whether nothing waits. */
  tidy(): Promise<boolean>;
}

interface Cursor {
  readonly offset: number;
  readonly base: number;
}

export interface SpoolOptions {
  readonly bytesMax: number;
  readonly clock: Clock;
}

/** Opens an outbox, making its folder. @throws ToolError (permission, cannotCreate). */
export function openSpool(folder: string, { bytesMax, clock }: SpoolOptions): Spool {
  const path = join(folder, "spool.ndjson");
  const cursorPath = join(folder, "cursor");
  const deadPath = join(folder, "dead-letter.ndjson");
  makeFolder(folder);

  function readCursor(): Cursor {
    const text = readIfThere(cursorPath);
    if (text === undefined) return { offset: 0, base: 0 };
    const match = /^(\d+) (\d+)\n$/.exec(text);
    if (match !== null) return { offset: Number(match[1]), base: Number(match[2]) };
    throw new ToolError(
      "io",
      `${cursorPath}: expected two numbers; remove it to deliver the whole spool again`,
    );
  }
  const writeCursor = ({ offset, base }: Cursor) => writeAtomically(cursorPath, `${offset} ${base}\n`);

  async function appendLock(): Promise<FileLock> {
    const lockPath = join(folder, "append");
    const deadline = clock.elapsed() + APPEND_WAIT_MS_MAX;
    for (;;) {
      const lock = tryLock(lockPath);
      if (lock !== undefined) return lock;
      if (clock.elapsed() > deadline) {
        const holder = lockHolder(lockPath);
        throw new ToolError("unavailable", `${lockPath}: process ${holder} keeps the spool locked; end it`);
      }
      await clock.sleep(APPEND_POLL_MS);
    }
  }

  /**
   * Runs `work` on the file while no other process changes it. Beforehand the file and the cursor are put right:
   * the tail that a writer left unfinished is cut off, and a cursor past the end (a crash came between emptying the
   * file and saying so, or somebody emptied it by hand) is moved to the end, at the same position.
   */
  async function exclusively<T>(work: (file: number, size: number, cursor: Cursor) => T): Promise<T> {
    const lock = await appendLock();
    try {
      return withFile(path, "a+", (file) => {
        const size = cutTail(file);
        let cursor = readCursor();
        if (cursor.offset > size) {
          cursor = { offset: size, base: cursor.base + cursor.offset - size };
          writeCursor(cursor);
        }
        return work(file, size, cursor);
      });
    } finally {
      lock.release();
    }
  }

  function appendTo(file: number, size: number, { base }: Cursor, lines: readonly Buffer[]): Appended {
    const ends: number[] = [];
    const parts: Buffer[] = [];
    let end = size;
    for (const line of lines) {
      if (end + line.length + 1 > bytesMax) break;
      end += line.length + 1;
      parts.push(line, Buffer.from("\n"));
      ends.push(base + end);
    }
    if (ends.length > 0) {
      try {
        appendDurably(file, path, Buffer.concat(parts));
      } catch (error) {
        // All or nothing: what is half there would be taken for kept.
        ftruncateSync(file, size);
        throw error;
      }
    }
    if (size === 0) syncFolder(folder);
    return { ends, dropped: lines.length - ends.length };
  }

  const linesFrom = (offset: number) => withFile(path, "a+", (file) => wholeLines(file, offset));

  return {
    folder,
    bytesMax,
    lock: () => tryLock(join(folder, "sender")),
    sender: () => lockHolder(join(folder, "sender")),
    append: (lines) => exclusively((file, size, cursor) => appendTo(file, size, cursor, lines)),
    position() {
      const { offset, base } = readCursor();
      return base + offset;
    },
    waiting() {
      const { offset, base } = readCursor();
      const bytes = linesFrom(offset);
      const lines: SpooledLine[] = [];
      for (let start = 0; start < bytes.length; ) {
        const end = bytes.indexOf(NEWLINE, start) + 1;
        lines.push({ text: bytes.toString("utf8", start, end - 1), end: base + offset + end });
        start = end;
      }
      return lines;
    },
    countWaiting() {
      let { offset } = readCursor();
      let count = 0;
      for (;;) {
        const bytes = linesFrom(offset);
        if (bytes.length === 0) return count;
        for (const byte of bytes) if (byte === NEWLINE) count++;
        offset += bytes.length;
      }
    },
    advance(position) {
      const { base } = readCursor();
      writeCursor({ offset: position - base, base });
    },
    bury(lines, reason) {
      const time = new Date(clock.now()).toISOString();
      const text = lines.map((line) => `${JSON.stringify({ time, reason, record: parsed(line.text) })}\n`);
      withFile(deadPath, "a", (file) => appendDurably(file, deadPath, Buffer.from(text.join(""))));
    },
    tidy: () =>
      exclusively((file, size, { offset, base }) => {
        if (offset < size) return false;
        if (size > 0) {
          // In this order: a crash in between leaves a cursor past the end, which is known for what it is.
          ftruncateSync(file, 0);
          fsyncSync(file);
          writeCursor({ offset: 0, base: base + size });
        }
        return true;
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
