import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { reasonOf, ToolError } from "../../core/errors.ts";
import { type LineSplitter, lineSplitter } from "../../core/lines.ts";
import type { ObjectStore } from "./object-store.ts";

/** How much comes out of a batch at a time, bytes. */
const CHUNK_BYTES = 1 << 18;
const NEWLINE = 0x0a;

/** When a message happened, ms since the Unix epoch; undefined where it does not say. */
export type TimeOf = (buffer: Buffer, start: number, end: number) => number | undefined;

export interface BatchReaderOptions {
  readonly store: ObjectStore;
  readonly timeOf: TimeOf;
  readonly stop: AbortSignal;
}

/** A message of an archive. Its bytes are followed by a newline in their buffer. */
export interface ReadMessage {
  readonly t: number;
  readonly bytes: Buffer;
}

/** The lines of a batch in pieces. @throws ToolError (io) for a damaged one. */
export async function* batchPieces(
  store: ObjectStore,
  name: string,
  stop: AbortSignal,
): AsyncGenerator<Buffer> {
  const zipped = await store.read(name, stop);
  const lines = Readable.from([zipped], { objectMode: false }).pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
  try {
    for await (const piece of lines) yield piece as Buffer;
  } catch (error) {
    throw new ToolError("io", `${store.shown}: ${name} is damaged: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Reads a batch in the order of its times, as far as is asked for; it can be put aside in between, and is opened again
 * where it was.
 *
 * Holds it compressed and about a quarter of a mebibyte of its lines while it is open, a few numbers otherwise.
 */
export class BatchReader {
  readonly #store: ObjectStore;
  readonly #name: string;
  readonly #timeOf: TimeOf;
  readonly #stop: AbortSignal;
  #pieces: AsyncGenerator<Buffer> | undefined;
  #splitter: LineSplitter | undefined;
  #ready: ReadMessage[] = [];
  #at = 0;
  /** Messages that were taken. */
  #taken = 0;
  /** Of the next message, or earlier; infinity when there is none. */
  next: number;

  constructor(
    entry: { readonly name: string; readonly t: number },
    { store, timeOf, stop }: BatchReaderOptions,
  ) {
    this.#store = store;
    this.#stop = stop;
    this.#name = entry.name;
    this.#timeOf = timeOf;
    this.next = entry.t;
  }

  get isOpen(): boolean {
    return this.#pieces !== undefined;
  }

  /** Gives its messages before `end`, ms, that were not given yet; a piece of them at a time. */
  async *before(end: number): AsyncGenerator<ReadMessage[]> {
    while (this.next < end) {
      if (this.#at >= this.#ready.length && !(await this.#load())) return;
      const from = this.#at;
      while (this.#at < this.#ready.length && this.#ready[this.#at]!.t < end) this.#at++;
      const given = this.#ready.slice(from, this.#at);
      this.#taken += given.length;
      // What comes after the piece is not known yet: no earlier than this, for a batch is sorted.
      this.next = this.#ready[this.#at]?.t ?? this.#ready.at(-1)!.t;
      if (given.length > 0) yield given;
    }
  }

  /** Lets go of what it holds. */
  putAside(): void {
    void this.#pieces?.return(undefined).catch(() => {});
    this.#pieces = undefined;
    this.#ready = [];
    this.#at = 0;
  }

  /** Reads on. @returns whether there was more; else `next` is infinity. */
  async #load(): Promise<boolean> {
    if (this.#pieces === undefined) {
      this.#pieces = batchPieces(this.#store, this.#name, this.#stop);
      this.#splitter = this.#begin();
    }
    this.#ready = [];
    this.#at = 0;
    while (this.#ready.length === 0) {
      const piece = await this.#pieces.next();
      if (piece.done !== true) this.#splitter?.push(piece.value);
      else {
        this.#splitter?.end();
        if (this.#ready.length === 0) this.next = Number.POSITIVE_INFINITY;
        break;
      }
    }
    return this.#ready.length > 0;
  }

  #begin(): LineSplitter {
    let skip = this.#taken;
    let last = this.next;
    return lineSplitter({
      line: (buffer, start, end) => {
        if (skip > 0) return void skip--;
        const line = Buffer.allocUnsafe(end - start + 1);
        buffer.copy(line, 0, start, end);
        line[end - start] = NEWLINE;
        last = Math.max(last, this.#timeOf(line, 0, end - start) ?? last);
        this.#ready.push({ t: last, bytes: line.subarray(0, end - start) });
      },
      // None: a batch is made of lines that are not.
      tooLong() {},
    });
  }
}
