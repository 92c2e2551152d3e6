import { randomUUID } from "node:crypto";
import { type Clock, timerMs } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { backOff } from "../core/retry.ts";
import { formatNumber, formatSpan } from "../core/spans.ts";
import { secondOf } from "../core/stream-time.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import { GapBatches, piecesOf } from "./gap-batches.ts";
import { type OutageLog, outageLog } from "./outage-log.ts";
import { type GapBatch, type Store, StoreAway } from "./store.ts";

/** What may wait for the store, bytes; then the input is held back. */
export const WAITING_BYTES_MAX = 64 << 20;
/** What a gathered second weighs in that sum, bytes. */
const CELL_BYTES = 128;
/** Ceilings of the waits between two tries, ms. */
const RETRY_MS = { first: 50, max: 1000 } as const;
/** How far behind the store's stream time an input may begin without a word, ms. */
const BEHIND_MS = 10_000;

export interface GapWriterOptions {
  readonly store: Store;
  /** Length of the window, s. */
  readonly ttl: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Told how many gaps and ticks were stored, and given the lines that came with them, in order. */
  readonly stored: (counts: RecordCounts, lines: readonly Buffer[]) => void | Promise<void> | undefined;
}

export interface RecordCounts {
  readonly gaps: number;
  readonly ticks: number;
}

/** Records that go into the store together. */
interface Load extends RecordCounts {
  readonly batches: GapBatch[];
  readonly lines: readonly Buffer[];
  readonly bytes: number;
}

/**
 * Writes gaps and ticks to a store in numbered batches, one in flight at a time; what comes meanwhile goes into the
 * next. A store that goes away is waited out: the same batch is sent again with the same number, so it counts once.
 *
 * Holds one cell a second and stream, and the lines it is given, until they are stored; `room` says when that is too
 * much.
 */
export class GapWriter {
  readonly #options: GapWriterOptions;
  readonly #writer = randomUUID();
  readonly #streams = new Map<string, GapBatches>();
  readonly #greeted = new Set<string>();
  #sequence = 0;
  #gaps = 0;
  #ticks = 0;
  #lines: Buffer[] = [];
  #lineBytes = 0;
  #inFlight: Load | undefined;
  #running: Promise<void> | undefined;
  #failure: unknown;
  readonly #outage: OutageLog;
  #toldFull = false;
  readonly #giveUp = new AbortController();
  readonly #failed = new AbortController();

  constructor(options: GapWriterOptions) {
    this.#options = options;
    this.#outage = outageLog(options);
  }

  /** Aborts when the store refused for good: reading on has no purpose, and the next call throws why. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  gap(stream: string, t: number, at: number, micros: number): void {
    this.#of(stream).gap(t, at, micros);
    this.#gaps++;
  }

  tick(stream: string, at: number, connected: boolean): void {
    this.#of(stream).mark(at, connected);
    this.#ticks++;
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
    if (this.#running !== undefined || this.#gaps + this.#ticks + this.#lines.length === 0) return;
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
    for (const batches of this.#streams.values()) batches.prune();
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
      while (this.#running !== undefined || this.#gaps + this.#ticks + this.#lines.length > 0) {
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
    return this.#gaps + this.#ticks + (this.#inFlight?.gaps ?? 0) + (this.#inFlight?.ticks ?? 0);
  }

  #of(stream: string): GapBatches {
    let batches = this.#streams.get(stream);
    if (batches === undefined) {
      if (this.#streams.size >= STREAMS_MAX) {
        throw new ToolError("badInput", `expected at most ${STREAMS_MAX} streams, got one more: ${stream}`);
      }
      batches = new GapBatches(stream, this.#options.ttl);
      this.#streams.set(stream, batches);
    }
    return batches;
  }

  /** Sends load after load until nothing is left. */
  async #run(): Promise<void> {
    while (this.#gaps + this.#ticks + this.#lines.length > 0) {
      const load = this.#take();
      this.#inFlight = load;
      for (const batch of load.batches) await this.#commit(batch);
      this.#inFlight = undefined;
      this.#toldFull = false;
      await this.#options.stored(load, load.lines);
    }
  }

  #take(): Load {
    const batches: GapBatch[] = [];
    for (const gathering of this.#streams.values()) {
      const gathered = gathering.take();
      for (const piece of gathered === undefined ? [] : piecesOf(gathered)) {
        batches.push({ ...piece, writer: this.#writer, sequence: ++this.#sequence });
      }
    }
    const load = {
      batches,
      lines: this.#lines,
      bytes: this.#lineBytes,
      gaps: this.#gaps,
      ticks: this.#ticks,
    };
    this.#lines = [];
    this.#lineBytes = 0;
    this.#gaps = 0;
    this.#ticks = 0;
    return load;
  }

  async #commit(batch: GapBatch): Promise<void> {
    const { store, clock } = this.#options;
    const wait = backOff({ ...RETRY_MS, random: Math.random });
    for (;;) {
      try {
        const { before } = await store.commit(batch);
        this.#outage.back();
        if (before !== undefined) this.#greet(batch, before);
        return;
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        this.#outage.away(error.message, () => ({ words: this.#waiting(), facts: this.#facts() }));
        if (this.#giveUp.signal.aborted) throw error;
      }
      await clock.sleep(wait.next(), this.#giveUp.signal);
    }
  }

  /** Once a stream: what lies behind the store's stream time joins old seconds, which few expect of a second replay. */
  #greet({ stream, first, last }: GapBatch, before: number): void {
    if (this.#greeted.has(stream)) return;
    this.#greeted.add(stream);
    if (secondOf(first.time) * 1000 >= before - BEHIND_MS) return;
    const behind = formatSpan((before - first.time) / 1000);
    this.#options.log.warning(
      `stream ${stream} begins ${behind} behind what the store holds of it: its gaps are added to those; for a new start give it another name`,
      { stream, before, first: first.time, last: last.time },
    );
  }

  #waitingBytes(): number {
    let cells = 0;
    for (const batches of this.#streams.values()) cells += batches.size;
    return this.#lineBytes + (this.#inFlight?.bytes ?? 0) + cells * CELL_BYTES;
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
