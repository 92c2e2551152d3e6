import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { fileError } from "../../core/errors.ts";
import { LINE_BYTES_MAX } from "../../core/lines.ts";

/** How much of a spool is read at a time, bytes: more than one line, so that a whole one is always found. */
const WINDOW_BYTES = LINE_BYTES_MAX + 2;
export const NEWLINE = 0x0a;

/** Opens a file, making it where there is none, for the time of `work`. @throws ToolError (permission, cannotCreate). */
export function withFile<T>(path: string, flags: string, work: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, flags, 0o600);
  } catch (error) {
    throw fileError(path, "create", error);
  }
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
}

/** The whole lines of a file from `offset` on, up to 1 MiB of them. */
export function wholeLines(file: number, offset: number): Buffer {
  const bytes = readAt(file, offset, WINDOW_BYTES);
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
}

function readAt(file: number, offset: number, max: number): Buffer {
  const size = Math.max(0, Math.min(fstatSync(file).size - offset, max));
  const bytes = Buffer.allocUnsafe(size);
  let read = 0;
  while (read < size) {
    const more = readSync(file, bytes, read, size - read, offset + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

/** Cuts off a last line without its newline; what no newline ends was never said to be kept. @returns the size then. */
export function cutTail(file: number): number {
  const { size } = fstatSync(file);
  if (size === 0 || readAt(file, size - 1, 1)[0] === NEWLINE) return size;
  const from = Math.max(0, size - WINDOW_BYTES);
  const whole = from + readAt(file, from, WINDOW_BYTES).lastIndexOf(NEWLINE) + 1;
  ftruncateSync(file, whole);
  return whole;
}
