import type { Snapshot } from "./detector.ts";
import { arrayOf, fieldsOf, isNumber, numberOrNull } from "./snapshot.ts";

/** One value is kept for each slot of this length, ms. */
const SLOT_MS = 10_000;
/** How many are kept: an hour of them. */
const VALUES_MAX = 360;

/**
 * The median of the last hour: exact over one value (the first) of each ten seconds of stream time.
 *
 * Holds up to 360 numbers and sorts them when one comes in, which is once in ten seconds.
 */
export class RunningMedian {
  #values: number[] = [];
  #slot: number | null = null;
  #median: number | undefined;

  /** @param now stream time, ms; never falls. */
  push(value: number, now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    if (slot === this.#slot) return;
    this.#slot = slot;
    this.#values.push(value);
    if (this.#values.length > VALUES_MAX) this.#values.shift();
    this.#median = undefined;
  }

  /** undefined before the first value. */
  get(): number | undefined {
    if (this.#values.length === 0) return undefined;
    if (this.#median === undefined) {
      const sorted = [...this.#values].sort((a, b) => a - b);
      const middle = sorted.length >> 1;
      const upper = sorted[middle]!;
      // Halved before they are added: the sum of two huge numbers would not be finite.
      this.#median = sorted.length % 2 === 1 ? upper : sorted[middle - 1]! / 2 + upper / 2;
    }
    return this.#median;
  }

  snapshot(): Snapshot {
    return { values: [...this.#values], slot: this.#slot };
  }

  static restore(snapshot: unknown): RunningMedian {
    const fields = fieldsOf(snapshot, "median");
    const median = new RunningMedian();
    median.#values = arrayOf(fields, "values", isNumber).slice(-VALUES_MAX);
    median.#slot = numberOrNull(fields, "slot");
    return median;
  }
}
