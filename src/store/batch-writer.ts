import { randomUUID } from "node:crypto";
import { type Clock, timerMs } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { OneAtATime } from "../core/one-at-a-time.ts";
import { backOff } from "../core/retry.ts";
import { formatNumber } from "../core/spans.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import type { Gathered, Gatherer, RecordCounts, Unnumbered } from "./gatherer.ts";
import { greeter } from "./greeter.ts";
import { type OutageLog, outageLog } from "./outage-log.ts";
import { type BatchHead, type BatchNumber, type Committed, STORE_RETRY_MS, StoreAway } from "./store.ts";

/** What may wait for the store, bytes; then the input is held back. */
export const WAITING_BYTES_MAX = 64 << 20;

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
  /** What both hold. */
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
  readonly #greet: ReturnType<typeof greeter>;
  #lastName: string | undefined;
  #last: G | undefined;
  #sequence = 0;
  #lines: Buffer[] = [];
  #lineBytes = 0;
  #inFlight: Load<Batch> | undefined;
  readonly #outage: OutageLog;
  #toldFull = false;
  readonly #giveUp = new AbortController();
  readonly #work = new OneAtATime();

  constructor(options: BatchWriterOptions<Batch, G, Result>) {
    this.#options = options;
    this.#outage = outageLog(options);
    this.#greet = greeter(options.noun, options.log);
  }

  /** Aborts when the store refused for good: reading on has no purpose, and the next call throws why. */
  get failed(): AbortSignal {
    return this.#work.failed;
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
    this.#work.check();
    if (this.#hasMore()) this.#work.begin(() => this.#run());
  }

  /** undefined when there is room for more; else resolves when something was stored. */
  room(): Promise<void> | undefined {
    if (!this.#work.isUnderWay || this.#waitingBytes() <= WAITING_BYTES_MAX) return undefined;
    for (const gatherer of this.#streams.values()) gatherer.prune();
    if (this.#waitingBytes() <= WAITING_BYTES_MAX) return undefined;
    if (!this.#toldFull) {
      this.#toldFull = true;
      this.#options.log.warning(
        `the input waits for us, and we for the store: ${this.#waiting()} wait`,
        this.#facts(),
      );
    }
    return this.#work.done();
  }

  /** Stores all that is there. @param giveUp seconds to wait for a store that is away. @returns how many records were not. */
  async drain(giveUp: number): Promise<number> {
    const timer = setTimeout(() => this.#giveUp.abort(), timerMs(giveUp * 1000));
    try {
      while (this.#work.isUnderWay || this.#hasMore()) {
        this.send();
        await this.#work.over();
        if (this.#giveUp.signal.aborted) break;
      }
      if (!(this.#work.failure instanceof StoreAway)) this.#work.check();
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
    const bytes = this.#gatheredBytes() + this.#lineBytes;
    const batches = [...this.#streams.values()].flatMap((gatherer) => gatherer.take());
    const records = batches.reduce((sum, { counts }) => sum + sumOf(counts), 0);
    const load = { batches, lines: this.#lines, bytes, records };
    this.#lines = [];
    this.#lineBytes = 0;
    return load;
  }

  async #commit(batch: Batch): Promise<Result> {
    const { commit, clock } = this.#options;
    const number = { writer: this.#writer, sequence: ++this.#sequence };
    const wait = backOff({ ...STORE_RETRY_MS, random: Math.random });
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

  #waitingBytes(): number {
    return this.#gatheredBytes() + this.#lineBytes + (this.#inFlight?.bytes ?? 0);
  }

  #gatheredBytes(): number {
    let bytes = 0;
    for (const gatherer of this.#streams.values()) bytes += gatherer.bytes;
    return bytes;
  }

  #waiting(): string {
    const mebibytes = this.#waitingBytes() / (1 << 20);
    return `${formatNumber(this.unstored)} records${mebibytes < 1 ? "" : ` (${formatNumber(mebibytes)} MiB)`}`;
  }

  #facts() {
    return { waiting: this.unstored, bytes: this.#waitingBytes() };
  }
}

const sumOf = (counts: RecordCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
