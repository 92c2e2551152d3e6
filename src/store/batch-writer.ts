import { randomUUID } from "node:crypto";
import { type Clock, timerMs } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { backOff } from "../core/retry.ts";
import { formatNumber, formatSpan } from "../core/spans.ts";
import { secondOf } from "../core/stream-time.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import type { Gathered, Gatherer, RecordCounts, Unnumbered } from "./gatherer.ts";
import { type OutageLog, outageLog } from "./outage-log.ts";
import { type BatchHead, type BatchNumber, type Committed, StoreAway } from "./store.ts";

/** What may wait for the store, bytes; then the input is held back. */
export const WAITING_BYTES_MAX = 64 << 20;
/** Ceilings of the waits between two tries, ms. */
const RETRY_MS = { first: 50, max: 1000 } as const;
/** How far behind the store's stream time an input may begin without a word, ms. */
const BEHIND_MS = 10_000;

export interface BatchWriterOptions<Batch, G extends Gatherer<Batch>, Result extends Committed> {
  /** What the records are, for people: `gaps`. */
  readonly noun: string;
  /** Begins to gather a stream. */
  readonly gather: (stream: string) => G;
  readonly commit: (batch: Batch, number: BatchNumber) => Promise<Result>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told what was stored with each batch, and what the store said. */
  readonly stored: (counts: RecordCounts, result: Result) => void;
  /** Given the lines that were kept, in order, once the records before them are stored. */
  readonly release: (lines: readonly Buffer[]) => void | Promise<void> | undefined;
}

/** Batches that go into the store one after the other, and the lines that are released then. */
interface Load<Batch> {
  readonly batches: readonly Gathered<Batch>[];
  readonly lines: readonly Buffer[];
  readonly bytes: number;
  /** Records that are not stored yet. */
  records: number;
}

/**
 * Writes records to a store in numbered batches, one in flight at a time; what comes meanwhile goes into the next. A
 * store that goes away is waited out: the same batch is sent again with the same number, so it counts once.
 *
 * Holds what the gatherers hold, and the lines it is given, until they are stored; `room` says when that is too much.
 */
export class BatchWriter<
  Batch extends Unnumbered<BatchHead>,
  G extends Gatherer<Batch>,
  Result extends Committed = Committed,
> {
  readonly #options: BatchWriterOptions<Batch, G, Result>;
  readonly #writer = randomUUID();
  readonly #streams = new Map<string, G>();
  readonly #greeted = new Set<string>();
  #lastName: string | undefined;
  #last: G | undefined;
  #sequence = 0;
  #lines: Buffer[] = [];
  #lineBytes = 0;
  #inFlight: Load<Batch> | undefined;
  #running: Promise<void> | undefined;
  #failure: unknown;
  readonly #outage: OutageLog;
  #toldFull = false;
  readonly #giveUp = new AbortController();
  readonly #failed = new AbortController();

  constructor(options: BatchWriterOptions<Batch, G, Result>) {
    this.#options = options;
    this.#outage = outageLog(options);
  }

  /** Aborts when the store refused for good: reading on has no purpose, and the next call throws why. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Where the records of a stream are given. @throws ToolError (badInput) past 1000 streams. */
  of(stream: string): G {
    if (stream === this.#lastName && this.#last !== undefined) return this.#last;
    let gatherer = this.#streams.get(stream);
    if (gatherer === undefined) {
      if (this.#streams.size >= STREAMS_MAX) {
        throw new ToolError("badInput", `expected at most ${STREAMS_MAX} streams, got one more: ${stream}`);
      }
      gatherer = this.#options.gather(stream);
      this.#streams.set(stream, gatherer);
    }
    this.#lastName = stream;
    this.#last = gatherer;
    return gatherer;
  }

  /** Keeps lines, in order, until the records given before are stored. */
  keep(lines: Buffer): void {
    if (lines.length === 0) return;
    this.#lines.push(lines);
    this.#lineBytes += lines.length;
  }

  /** Sends what is there, unless something is on its way. @throws what ended an earlier sending. */
  send(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#running !== undefined || !this.#hasMore()) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        this.#failure = error;
        this.#failed.abort();
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** undefined when there is room for more; else resolves when something was stored. */
  room(): Promise<void> | undefined {
    if (this.#running === undefined || this.#waitingBytes() <= WAITING_BYTES_MAX) return undefined;
    for (const gatherer of this.#streams.values()) gatherer.prune();
    if (this.#waitingBytes() <= WAITING_BYTES_MAX) return undefined;
    if (!this.#toldFull) {
      this.#toldFull = true;
      this.#options.log.warning(
        `the input waits for us, and we for the store: ${this.#waiting()} wait`,
        this.#facts(),
      );
    }
    return this.#running.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
    });
  }

  /** Stores all that is there. @param giveUp seconds to wait for a store that is away. @returns how many records were not. */
  async drain(giveUp: number): Promise<number> {
    const timer = setTimeout(() => this.#giveUp.abort(), timerMs(giveUp * 1000));
    try {
      while (this.#running !== undefined || this.#hasMore()) {
        this.send();
        await this.#running;
        if (this.#giveUp.signal.aborted) break;
      }
      if (this.#failure !== undefined && !(this.#failure instanceof StoreAway)) throw this.#failure;
    } finally {
      clearTimeout(timer);
    }
    return this.unstored;
  }

  /** Records given and not stored. */
  get unstored(): number {
    return this.#records() + (this.#inFlight?.records ?? 0);
  }

  /** Records that are in no batch yet. */
  #records(): number {
    let records = 0;
    for (const gatherer of this.#streams.values()) records += gatherer.records;
    return records;
  }

  #hasMore(): boolean {
    return this.#lines.length > 0 || this.#records() > 0;
  }

  /** Sends load after load until nothing is left. */
  async #run(): Promise<void> {
    while (this.#hasMore()) {
      const load = this.#take();
      this.#inFlight = load;
      for (const { batch, counts } of load.batches) {
        const result = await this.#commit(batch);
        load.records -= sumOf(counts);
        this.#options.stored(counts, result);
      }
      this.#inFlight = undefined;
      this.#toldFull = false;
      await this.#options.release(load.lines);
    }
  }

  #take(): Load<Batch> {
    const batches = [...this.#streams.values()].flatMap((gatherer) => gatherer.take());
    const records = batches.reduce((sum, { counts }) => sum + sumOf(counts), 0);
    const load = { batches, lines: this.#lines, bytes: this.#lineBytes, records };
    this.#lines = [];
    this.#lineBytes = 0;
    return load;
  }

  async #commit(batch: Batch): Promise<Result> {
    const { commit, clock } = this.#options;
    const number = { writer: this.#writer, sequence: ++this.#sequence };
    const wait = backOff({ ...RETRY_MS, random: Math.random });
    for (;;) {
      try {
        const result = await commit(batch, number);
        this.#outage.back();
        if (result.before !== undefined) this.#greet(batch, result.before);
        return result;
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        this.#outage.away(error.message, () => ({ words: this.#waiting(), facts: this.#facts() }));
        if (this.#giveUp.signal.aborted) throw error;
      }
      await clock.sleep(wait.next(), this.#giveUp.signal);
    }
  }

  /** Once a stream: what lies behind the store's stream time joins old seconds, which few expect of a second replay. */
  #greet({ stream, first, last }: Batch, before: number): void {
    if (this.#greeted.has(stream)) return;
    this.#greeted.add(stream);
    if (secondOf(first.time) * 1000 >= before - BEHIND_MS) return;
    const behind = formatSpan((before - first.time) / 1000);
    this.#options.log.warning(
      `stream ${stream} begins ${behind} behind what the store holds of it: its ${this.#options.noun} are added to those; for a new start give it another name`,
      { stream, before, first: first.time, last: last.time },
    );
  }

  #waitingBytes(): number {
    let bytes = this.#lineBytes + (this.#inFlight?.bytes ?? 0);
    for (const gatherer of this.#streams.values()) bytes += gatherer.bytes;
    return bytes;
  }

  #waiting(): string {
    const bytes = this.#lineBytes + (this.#inFlight?.bytes ?? 0);
    const held = bytes === 0 ? "" : ` (${formatNumber(bytes / (1 << 20))} MiB)`;
    return `${formatNumber(this.unstored)} records${held}`;
  }

  #facts() {
    return { waiting: this.unstored, bytes: this.#waitingBytes() };
  }
}

const sumOf = (counts: RecordCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
