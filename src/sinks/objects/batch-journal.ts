import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsync, openSync, readdirSync, readSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { ByteWriter } from "../../core/byte-writer.ts";
import { syncFolder } from "../../core/durable.ts";
import { fileError, systemCode } from "../../core/errors.ts";
import { makeFolder } from "../../core/folders.ts";
import { type FileLock, lockHolder, tryLock } from "../../core/lock.ts";
import { writeWhole } from "../../core/output.ts";
import { sha256 } from "./object-name.ts";

const SUFFIX = ".journal";
/** What stands in place of a time in the line that tells the label. */
const LABEL = "label";
const NEWLINE = 0x0a;
const TAB = 0x09;
/** How much is read or handed on at a time, bytes. */
const PIECE_BYTES = 1 << 18;
const sync = promisify(fsync);

/** Where the messages of a batch lie in its journal. Three lists of one length. */
interface Index {
  /** Event times, ms. */
  readonly times: number[];
  readonly starts: number[];
  /** Bytes, the newline included. */
  readonly lengths: number[];
}

/**
 * The messages of one batch while it is open: a file that is only appended to, a line `label\t{label}` and a line
 * `{t}\t{message}` each, and which a later run finds and finishes when this one is killed. It is called by a hash of its
 * label, which may be longer than a name may be.
 *
 * Holds what is not written yet, and some numbers for each message.
 */
export class BatchJournal {
  readonly path: string;
  #label = "";
  readonly #descriptor: number;
  readonly #lock: FileLock;
  readonly #writer = new ByteWriter(PIECE_BYTES);
  readonly #index: Index = { times: [], starts: [], lengths: [] };
  #end = 0;
  /** Bytes of its messages, newlines included. */
  bytes = 0;
  /** Messages that are not synced yet. */
  unsynced = 0;

  private constructor(path: string, lock: FileLock) {
    this.path = path;
    this.#lock = lock;
    try {
      this.#descriptor = openSync(path, "a+", 0o600);
    } catch (error) {
      throw fileError(path, "create", error);
    }
  }

  /** Begins one. @throws ToolError (permission, cannotCreate). */
  static begin(folder: string, label: string): BatchJournal {
    makeFolder(folder);
    const name = `${sha256(label).slice(0, 16)}.${randomBytes(8).toString("hex")}${SUFFIX}`;
    const path = join(folder, name);
    const journal = new BatchJournal(path, tryLock(path)!);
    journal.#label = label;
    journal.#writer.text(`${LABEL}\t${label}\n`);
    journal.#end = journal.#writer.length;
    syncFolder(folder);
    return journal;
  }

  /** One that a run which was killed has left; undefined when a living one works on it, or has just finished. */
  static recover(path: string): BatchJournal | undefined {
    const lock = tryLock(path);
    if (lock === undefined) return undefined;
    const journal = new BatchJournal(path, lock);
    journal.#readIndex();
    // One of an earlier version is called by its label.
    if (journal.#label === "")
      journal.#label = decodeURIComponent(basename(path).replace(/\.[0-9a-f]+\.journal$/, ""));
    return journal;
  }

  get label(): string {
    return this.#label;
  }

  get messages(): number {
    return this.#index.times.length;
  }

  /** Bytes that are not written yet. */
  get waiting(): number {
    return this.#writer.length;
  }

  append(t: number, message: Buffer): void {
    const before = this.#writer.length;
    this.#writer.text(`${t}\t`);
    const prefix = this.#writer.length - before;
    this.#writer.bytes(message, 0, message.length);
    this.#writer.byte(NEWLINE);
    this.#add(t, this.#end + prefix, message.length + 1);
    this.unsynced++;
  }

  /** Writes and syncs what was appended. @throws ToolError (io). */
  async sync(): Promise<void> {
    try {
      this.#writer.drain((bytes) => {
        writeWhole(this.#descriptor, bytes);
        return true;
      });
      const { unsynced } = this;
      await sync(this.#descriptor);
      this.unsynced -= unsynced;
    } catch (error) {
      throw fileError(this.path, "write", error);
    }
  }

  /** Least and greatest time, ms. */
  span(): { first: number; last: number } {
    let [first, last] = [Number.POSITIVE_INFINITY, 0];
    for (const t of this.#index.times) {
      first = Math.min(first, t);
      last = Math.max(last, t);
    }
    return { first, last };
  }

  /** Its messages, a line each, in the order of their times and of those in the order they came; in pieces. */
  *sorted(): Generator<Buffer> {
    const { times, starts, lengths } = this.#index;
    const order = Uint32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]! || a - b);
    let piece = Buffer.allocUnsafe(PIECE_BYTES);
    let length = 0;
    for (const i of order) {
      if (length + lengths[i]! > piece.length) {
        if (length > 0) yield piece.subarray(0, length);
        piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES, lengths[i]!));
        length = 0;
      }
      this.#read(piece, length, lengths[i]!, starts[i]!);
      length += lengths[i]!;
    }
    if (length > 0) yield piece.subarray(0, length);
  }

  /** The batch is kept elsewhere: its journal goes. */
  remove(): void {
    closeSync(this.#descriptor);
    removeQuietly(this.path);
    // Its lock's files last: who finds the journal finds it locked.
    for (const name of readdirSync(dirname(this.path))) {
      if (name.startsWith(`${basename(this.path)}.`)) removeQuietly(join(dirname(this.path), name));
    }
  }

  /** It stays for a later run to finish. */
  leave(): void {
    closeSync(this.#descriptor);
    this.#lock.release();
  }

  #add(t: number, start: number, length: number): void {
    this.#index.times.push(t);
    this.#index.starts.push(start);
    this.#index.lengths.push(length);
    this.#end = start + length;
    this.bytes += length;
  }

  #read(into: Buffer, at: number, length: number, position: number): number {
    try {
      for (let done = 0; done < length; ) {
        const got = readSync(this.#descriptor, into, at + done, length - done, position + done);
        if (got === 0) return done;
        done += got;
      }
      return length;
    } catch (error) {
      throw fileError(this.path, "read", error);
    }
  }

  /** Finds the lines of a journal. The last one may be cut off: it was never promised. */
  #readIndex(): void {
    const chunk = Buffer.allocUnsafe(PIECE_BYTES * 8);
    for (let position = 0; ; ) {
      const got = this.#read(chunk, 0, chunk.length, position);
      let start = 0;
      for (;;) {
        const end = chunk.subarray(0, got).indexOf(NEWLINE, start);
        if (end < 0) break;
        const tab = chunk.subarray(0, end).indexOf(TAB, start);
        const word = tab < 0 ? "" : chunk.toString("latin1", start, tab);
        if (word === LABEL) this.#label = chunk.toString("utf8", tab + 1, end);
        const t = word === "" ? Number.NaN : Number(word);
        // invariant: a line is shorter than a chunk, for a message is at most a mebibyte.
        if (!Number.isNaN(t)) this.#add(t, position + tab + 1, end - tab);
        start = end + 1;
      }
      if (start === 0) return;
      position += start;
    }
  }
}

/** The journals in a folder, those of living runs among them. Locks that a killed run left without one go. */
export function journalsIn(folder: string): string[] {
  try {
    const names = readdirSync(folder);
    const journals = names.filter((name) => name.endsWith(SUFFIX));
    for (const name of names) {
      const path = join(folder, name.replace(/\.\d+$/, ""));
      const isStray = /\.journal\.\d+$/.test(name) && !existsSync(path) && lockHolder(path) === undefined;
      if (isStray) removeQuietly(join(folder, name));
    }
    return journals.sort().map((name) => join(folder, name));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw fileError(folder, "read", error);
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
