import { blindSeconds, HISTORY_SECONDS, type Mark, type SecondRange } from "../core/stream-time.ts";
import type { BatchHead } from "./store.ts";

/** What a batch says of stream time. */
export type Marks = Pick<BatchHead, "first" | "last" | "blind">;

/**
 * Where stream time begins and ends in the batch that is being gathered, and the seconds in it without a source.
 *
 * Stream time goes on from batch to batch and never back. Holds the ranges of the last 15 minutes.
 */
export class BatchMarks {
  /** Stream time, ms; minus infinity before the first mark. */
  time = Number.NEGATIVE_INFINITY;
  /** As the last mark said; true before the first. */
  connected = true;
  #first: Mark | undefined;
  #blind: SecondRange[] = [];

  /** Stream time went on to `at`, ms. */
  mark(at: number, connected: boolean): void {
    const time = Math.max(at, this.time);
    // The time before a batch's first mark is the store's to judge: it knows where the last batch ended.
    if (this.#first === undefined) this.#first = { time, connected };
    else if (!connected || !this.connected) {
      this.#addBlind(blindSeconds({ time: this.time, connected: this.connected }, { time, connected }));
    }
    this.time = time;
    this.connected = connected;
  }

  /** Those of the batch, or undefined when nothing was marked; the next batch begins. */
  take(): Marks | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const blind = this.#blind;
    this.#first = undefined;
    this.#blind = [];
    return { first, last: { time: this.time, connected: this.connected }, blind };
  }

  #addBlind(range: SecondRange | undefined): void {
    if (range === undefined) return;
    const last = this.#blind.at(-1);
    const joined = last !== undefined && range.from <= last.to + 1 ? this.#blind.pop() : undefined;
    this.#blind.push({ from: joined?.from ?? range.from, to: range.to });
    const kept = range.to - HISTORY_SECONDS + 1;
    while (this.#blind[0]!.to < kept) this.#blind.shift();
    if (this.#blind[0]!.from < kept) this.#blind[0] = { from: kept, to: this.#blind[0]!.to };
  }
}
