import type { Snapshot } from "../detector.ts";
import { fieldsOf } from "../snapshot.ts";
import { add, type Counted, countedOf, empty, nothing } from "./counted.ts";
import { grown, type Numbers, numbersOf } from "./vectors.ts";

/** So long is gathered before it counts as usual, s. */
const BLOCK_SECONDS = 32;

/**
 * Counts by channel and their exposure, exponentially weighted, which learn half a minute to a minute late: a change
 * that is being looked for is not yet part of what it is compared with.
 *
 * Holds four numbers a channel.
 */
export class LateCounts {
  readonly #memory: number;
  /** What is usual. */
  #usual = nothing();
  /** What of that a channel took over with its place, and may never have been its own. */
  #borrowed: Numbers = new Float64Array(0);
  /** The last full block, which waits until the next one is full, and that one. */
  #waiting = nothing();
  #open = nothing();

  /** @param memory what is usual is weighed by exp(-age / memory), s. */
  constructor(memory: number) {
    this.#memory = memory;
  }

  /** Effective exposure: what has been learnt, less what is forgotten. */
  get exposure(): number {
    return this.#usual.exposure;
  }

  get seconds(): number {
    return this.#usual.seconds;
  }

  /** Count of a channel for `exposure`. */
  count(channel: number): number {
    return this.#usual.counts[channel] ?? 0;
  }

  /** What of it is known to be the channel's own. */
  own(channel: number): number {
    return this.count(channel) - (this.#borrowed[channel] ?? 0);
  }

  /** @returns true when what is usual has changed. */
  push(counts: Numbers, exposure: number, seconds: number): boolean {
    add(this.#open, { counts, exposure, seconds });
    if (this.#open.seconds < BLOCK_SECONDS) return false;
    this.#absorb(this.#waiting);
    [this.#waiting, this.#open] = [this.#open, this.#waiting];
    return true;
  }

  /** All that has been gathered counts as usual from now on. */
  settle(): void {
    for (const block of [this.#waiting, this.#open]) this.#absorb(block);
  }

  /** What has been gathered is no part of what is usual. */
  drop(): void {
    for (const block of [this.#waiting, this.#open]) empty(block);
  }

  /** All that was counted of a channel and is not forgotten, learnt or not yet. */
  gathered(channel: number): number {
    return this.count(channel) + (this.#waiting.counts[channel] ?? 0) + (this.#open.counts[channel] ?? 0);
  }

  /**
   * The channel is another one's from now on, of whose past nobody knows more than that it was not above what the channel
   * has: it keeps that, as borrowed (Metwally et al. 2005, Space-Saving).
   */
  passOn(channel: number): void {
    this.#borrowed = grown(this.#borrowed, channel + 1);
    this.#borrowed[channel] = this.count(channel);
  }

  /** A block becomes part of what is usual, and is empty then. */
  #absorb(block: Counted): void {
    // Time in which nothing could be counted makes nothing older.
    if (block.seconds > 0 && block.exposure > 0) this.#add(block);
    empty(block);
  }

  #add(block: Counted): void {
    const kept = Math.exp(-block.seconds / this.#memory);
    const usual = this.#usual;
    for (let channel = 0; channel < usual.counts.length; channel++) usual.counts[channel]! *= kept;
    for (let channel = 0; channel < this.#borrowed.length; channel++) this.#borrowed[channel]! *= kept;
    usual.exposure *= kept;
    usual.seconds *= kept;
    add(usual, block);
  }

  snapshot(): Snapshot {
    const parts = { usual: this.#usual, waiting: this.#waiting, open: this.#open };
    return {
      ...Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, { ...part, counts: [...part.counts] }]),
      ),
      borrowed: [...this.#borrowed],
    };
  }

  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "usual");
    this.#usual = countedOf(fields["usual"]);
    this.#waiting = countedOf(fields["waiting"]);
    this.#open = countedOf(fields["open"]);
    this.#borrowed = numbersOf(fields, "borrowed");
  }
}
