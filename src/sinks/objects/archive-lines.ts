import type { TakeChunk } from "../../core/input.ts";
import type { ArchiveEntry, TimeSpan } from "./archive-index.ts";
import { BatchReader, type ReadMessage, type TimeOf } from "./batch-reader.ts";
import type { ObjectStore } from "./object-store.ts";

/** Batches that are open at a time: late messages make them overlap. */
const OPEN_MAX = 8;
/** What is merged at a time where more batches than that overlap, each of which is opened anew for it, bytes. */
const MERGE_BYTES = 32 << 20;
/** What is merged at a time at most, s: messages may suddenly come much faster. */
const MERGE_SECONDS_MAX = 300;
/** How much is handed on at a time, bytes. */
const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const SECOND = 1000;

export interface ArchiveLinesOptions {
  readonly store: ObjectStore;
  /** In the order of their times. */
  readonly entries: readonly ArchiveEntry[];
  readonly span: TimeSpan;
  readonly timeOf: TimeOf;
  readonly stop: AbortSignal;
}

/**
 * Gives the messages of an archive, a line each, in the order of their times, objects and batches merged; messages whose
 * time cannot be read come with their second. A newline within a message that was not stored as a line is a space.
 *
 * Holds the messages of one second where several batches or objects have some, else a piece of a batch; at most eight
 * batches, compressed; and a number for each batch that was begun. Where more than eight overlap, messages of longer spans
 * are held, some 32 MiB of them: batches are opened again for each span, and read from their beginning.
 */
export async function readArchive(options: ArchiveLinesOptions, take: TakeChunk): Promise<void> {
  const { entries, span, stop } = options;
  const out = chunks(take, span);
  const objects = objectReads(
    options,
    entries.filter(({ kind }) => kind === "object"),
  );
  const batches = batchMerge(
    options,
    entries.filter(({ kind }) => kind === "batch"),
  );
  let seconds = 1;
  while (!stop.aborted) {
    const next = Math.min(objects.next(), batches.next());
    if (next === Number.POSITIVE_INFINITY) break;
    const end = (Math.floor(next / SECOND) + seconds) * SECOND;
    const readers = batches.due(end);
    if (objects.next() >= end && readers.length === 1) {
      // One batch alone is sorted, and goes on until another has something to say.
      const alone = Math.max(
        end,
        Math.floor(batches.nextBesides(readers[0]!, objects.next()) / SECOND) * SECOND,
      );
      for await (const messages of readers[0]!.before(alone)) {
        if (stop.aborted) break;
        await out.give(messages);
      }
    } else {
      const messages: ReadMessage[] = await objects.take(end);
      for (const reader of readers) {
        for await (const more of reader.before(end)) for (const message of more) messages.push(message);
        batches.settle();
      }
      await out.give(messages.sort((a, b) => a.t - b.t));
      seconds = readers.length > OPEN_MAX ? nextSpan(seconds, messages) : 1;
    }
    batches.settle();
  }
  await out.end();
}

/** How many seconds are merged next, by how much these were: twice as many at most. */
function nextSpan(seconds: number, messages: readonly ReadMessage[]): number {
  const bytes = messages.reduce((sum, message) => sum + message.bytes.length, 0);
  if (bytes < MERGE_BYTES / 2) return Math.min(MERGE_SECONDS_MAX, seconds * 2);
  return Math.max(1, Math.floor((seconds * MERGE_BYTES) / bytes / 2));
}

/** Joins lines for whoever takes them. */
function chunks(take: TakeChunk, { from, until }: TimeSpan) {
  let parts: Buffer[] = [];
  let bytes = 0;
  async function end(): Promise<void> {
    if (bytes === 0) return;
    const chunk = Buffer.concat(parts, bytes);
    parts = [];
    bytes = 0;
    await take(chunk);
  }
  return {
    end,
    async give(messages: readonly ReadMessage[]): Promise<void> {
      for (const { t, bytes: message } of messages) {
        if (t < from || t >= until) continue;
        parts.push(asLine(message), LINE_END);
        bytes += message.length + 1;
        if (bytes >= CHUNK_BYTES) await end();
      }
    },
  };
}

const LINE_END = Buffer.from("\n");

/** JSON has newlines between its tokens only, where they are as good as spaces. */
function asLine(message: Buffer): Buffer {
  if (!message.includes(NEWLINE)) return message;
  return Buffer.from(message.map((byte) => (byte === NEWLINE ? SPACE : byte)));
}

/** Objects in order, read ahead as far as the store allows. */
function objectReads({ store, timeOf, stop }: ArchiveLinesOptions, entries: readonly ArchiveEntry[]) {
  let at = 0;
  let ahead: Promise<Buffer>[] = [];
  const readAhead = () => {
    while (ahead.length < store.readsMax && at + ahead.length < entries.length) {
      const read = store.read(entries[at + ahead.length]!.name, stop);
      // Told when its turn has come.
      read.catch(() => {});
      ahead.push(read);
    }
  };
  const next = () => entries[at]?.t ?? Number.POSITIVE_INFINITY;
  return {
    next,
    /** Those of before `end`. */
    async take(end: number): Promise<ReadMessage[]> {
      const messages: ReadMessage[] = [];
      while (next() < end) {
        readAhead();
        const bytes = await ahead[0]!;
        ahead = ahead.slice(1);
        const second = entries[at++]!.t;
        const guarded = Buffer.concat([bytes, LINE_END]);
        const t = timeOf(guarded, 0, bytes.length) ?? second;
        messages.push({ t: Math.min(Math.max(t, second), second + SECOND - 1), bytes });
      }
      return messages;
    },
  };
}

/** The batches that have something to give, and when. */
function batchMerge(options: ArchiveLinesOptions, entries: readonly ArchiveEntry[]) {
  let at = 0;
  /** Those that were begun and are not over, the least lately used first. */
  let begun: BatchReader[] = [];
  const unbegun = () => entries[at]?.t ?? Number.POSITIVE_INFINITY;
  const least = (readers: readonly BatchReader[]) =>
    readers.reduce((time, { next }) => Math.min(time, next), unbegun());
  return {
    next: () => least(begun),
    /** When one besides this reader, or something else, has its next. */
    nextBesides: (reader: BatchReader, other: number) =>
      Math.min(other, least(begun.filter((one) => one !== reader))),
    /** Those that have something before `end`. */
    due(end: number): BatchReader[] {
      while (unbegun() < end) begun.push(new BatchReader(entries[at++]!, options));
      const due = begun.filter(({ next }) => next < end);
      begun = [...begun.filter(({ next }) => next >= end), ...due];
      return due;
    },
    /** Forgets those that are over, and puts aside more than may be open. */
    settle(): void {
      for (const reader of begun) if (reader.next === Number.POSITIVE_INFINITY) reader.putAside();
      begun = begun.filter(({ next }) => next !== Number.POSITIVE_INFINITY);
      const open = begun.filter(({ isOpen }) => isOpen);
      for (const reader of open.slice(0, Math.max(0, open.length - OPEN_MAX))) reader.putAside();
    },
  };
}
