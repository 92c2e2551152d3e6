import { createHash } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Clock } from "../../core/clock.ts";
import { stateFolder } from "../../core/environment.ts";
import { reasonOf } from "../../core/errors.ts";
import { foreignHolder } from "../../core/lock.ts";
import type { Log } from "../../core/log.ts";
import { formatNumber } from "../../core/spans.ts";
import { type Keeper, labelGuard } from "./archiver.ts";
import { BatchJournal, journalsIn } from "./batch-journal.ts";
import { batchName, sha256 } from "./object-name.ts";
import type { ObjectStore } from "./object-store.ts";

/** Messages of a batch at most, however short: each costs some numbers while it is open. */
const MESSAGES_MAX = 1_000_000;
/** Batches that are compressed and stored at a time; then the input is held back. */
const CLOSING_MAX = 2;
/** How often the age of open batches is looked at, ms. */
const LOOK_MS = 1000;
/** zlib's level: more than twice as fast as its default, for 29 % more bytes (bench/RESULTS.md). */
const GZIP_LEVEL = 1;
const GZIP_CHUNK_BYTES = 1 << 18;

export interface BatchLimits {
  /** Bytes of messages, newlines included. */
  readonly bytes: number;
  /** Seconds by the clock since its first message came. */
  readonly age: number;
}

export interface BatchKeeperOptions {
  readonly store: ObjectStore;
  readonly limits: BatchLimits;
  readonly clock: Clock;
  readonly log: Log;
}

interface OpenBatch {
  readonly journal: BatchJournal;
  /** When it is to be closed at the latest, ms of the clock that only goes forward. */
  readonly due: number;
}

/**
 * Keeps messages in batches, each an object of gzip'd lines in the order of their times, closed at a size or an age.
 *
 * A message is kept for good when it is synced to the journal of its batch, in a folder of this machine: batches that a
 * killed run left open are finished by the next one (`recoverBatches`).
 */
export function batchKeeper({ store, limits, clock, log }: BatchKeeperOptions): Keeper {
  const guard = labelGuard();
  const folder = journalFolder(store);
  const open = new Map<string, OpenBatch>();
  let full: BatchJournal[] = [];
  const closing = closings(store, log);

  const journals = () => [...full, ...[...open.values()].map(({ journal }) => journal)];
  /** Closes what is due and all written; what is not will be, by `keep`. Without room, a batch stays open a while longer. */
  function look(): void {
    for (const [label, { journal, due }] of open) {
      if (clock.elapsed() < due || !closing.hasRoom()) continue;
      open.delete(label);
      if (journal.unsynced === 0) closing.begin(journal);
      else full.push(journal);
    }
  }
  const timer = setInterval(look, LOOK_MS).unref();

  return {
    get bytes() {
      return journals().reduce((sum, { waiting }) => sum + waiting, 0);
    },
    get messages() {
      return journals().reduce((sum, { unsynced }) => sum + unsynced, 0);
    },
    push({ label, t, bytes }) {
      guard(label);
      let batch = open.get(label);
      if (batch === undefined) {
        const due = clock.elapsed() + limits.age * 1000;
        batch = { journal: BatchJournal.begin(folder, label), due };
        open.set(label, batch);
      }
      const { journal } = batch;
      journal.append(t, bytes);
      if (journal.bytes < limits.bytes && journal.messages < MESSAGES_MAX) return;
      open.delete(label);
      full.push(journal);
    },
    async keep(signal) {
      closing.until(signal);
      closing.check();
      const written = journals().filter(({ unsynced }) => unsynced > 0);
      const archived = written.reduce((sum, { unsynced }) => sum + unsynced, 0);
      await Promise.all(written.map((journal) => journal.sync()));
      const done = full.filter(({ unsynced }) => unsynced === 0);
      full = full.filter(({ unsynced }) => unsynced > 0);
      await closing.all(done);
      closing.check();
      return { archived, there: 0 };
    },
    async end(signal) {
      clearInterval(timer);
      closing.until(signal);
      const rest = journals();
      full = [];
      open.clear();
      await closing.all(rest);
      await closing.done();
      closing.check();
    },
    abandon() {
      clearInterval(timer);
      for (const journal of journals()) journal.leave();
      full = [];
      open.clear();
    },
  };
}

/** Batches that are being compressed and stored, a few at a time: each holds memory and a descriptor. */
function closings(store: ObjectStore, log: Log) {
  const works = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let giveUp = new AbortController().signal;

  const hasRoom = () => works.size < CLOSING_MAX;
  function begin(journal: BatchJournal): void {
    const work = storeBatch(store, journal, giveUp)
      .catch((error: unknown) => {
        failure ??= { error };
        log.warning(`${journal.label}: the batch stays in ${journal.path}: ${reasonOf(error)}`);
        journal.leave();
      })
      .finally(() => works.delete(work));
    works.add(work);
  }
  return {
    hasRoom,
    begin,
    /** Begins all of them, as there is room. */
    async all(journals: readonly BatchJournal[]): Promise<void> {
      for (const journal of journals) {
        while (!hasRoom()) await Promise.race(works);
        begin(journal);
      }
    },
    /** What is begun from now on is given up when this aborts. */
    until(signal: AbortSignal): void {
      giveUp = signal;
    },
    /** Resolves when all that were begun are over. */
    done: () => Promise.all(works),
    /** @throws what ended one of them. */
    check(): void {
      if (failure !== undefined) throw failure.error;
    },
  };
}

/**
 * Finishes the batches that killed runs left open. Those of living runs are left alone.
 * @returns how many messages were in them.
 */
export async function recoverBatches(
  store: ObjectStore,
  { log, giveUp }: { log: Log; giveUp: AbortSignal },
): Promise<number> {
  let recovered = 0;
  for (const path of journalsIn(journalFolder(store))) {
    const journal = BatchJournal.recover(path);
    if (journal === undefined) {
      tellForeign(path, log);
      continue;
    }
    const { messages, label } = journal;
    try {
      await storeBatch(store, journal, giveUp);
    } catch (error) {
      journal.leave();
      throw error;
    }
    recovered += messages;
    const facts = { label, recovered: messages };
    if (messages > 0)
      log.notice(
        `${label}: ${formatNumber(messages)} messages that a killed run left open are a batch now`,
        facts,
      );
  }
  return recovered;
}

/** A journal of another host is left alone, and nobody but the user can say that its run is gone. */
function tellForeign(path: string, log: Log): void {
  const holder = foreignHolder(path);
  if (holder === undefined) return;
  const { pid, host, file } = holder;
  log.warning(
    `${path}: messages of process ${pid} on the host ${host} wait there; if it is gone, remove ${file} and run this again`,
    { pid, host, file },
  );
}

/** Beside what it becomes; for a bucket, where the toolkit keeps its state. */
const journalFolder = ({ folder, shown }: ObjectStore): string =>
  folder === undefined ? join(stateFolder(), "archive", sha256(shown).slice(0, 16)) : join(folder, ".open");

/** Compresses a batch and stores it; then its journal goes. Holds it compressed. */
async function storeBatch(store: ObjectStore, journal: BatchJournal, giveUp: AbortSignal): Promise<void> {
  if (journal.messages > 0) {
    const { bytes, hash } = await compressed(journal);
    // One of this name holds the same lines, whatever made of them: its hash is theirs.
    await store.putAll([{ name: batchName(journal.label, journal.span(), hash), bytes }], giveUp);
  }
  journal.remove();
}

/** A batch as gzip, and the SHA-256 of its lines, hex. */
async function compressed(journal: BatchJournal): Promise<{ bytes: Buffer; hash: string }> {
  const hash = createHash("sha256");
  function* hashed(): Generator<Buffer> {
    for (const piece of journal.sorted()) {
      hash.update(piece);
      yield piece;
    }
  }
  const chunks: Buffer[] = [];
  const lines = Readable.from(hashed(), { objectMode: false });
  await pipeline(lines, createGzip({ level: GZIP_LEVEL, chunkSize: GZIP_CHUNK_BYTES }), async (zipped) => {
    for await (const chunk of zipped) chunks.push(chunk as Buffer);
  });
  return { bytes: Buffer.concat(chunks), hash: hash.digest("hex") };
}
