import type { Json } from "./detector.ts";
import { arrayOf, isNumber } from "./snapshot.ts";

/** Spacings that are remembered. */
const REMEMBERED = 15;

/** How far apart polls are: the median of the last 15 spacings, which a leap or two does not move. */
export class PollSpacing {
  #spacings: number[] = [];
  #median: number | undefined;

  /** Stream time went on by so many seconds from one record to the next. */
  push(seconds: number): void {
    const dropped = this.#spacings.length === REMEMBERED ? this.#spacings.shift() : undefined;
    this.#spacings.push(seconds);
    // Polls are mostly regular.
    if (dropped !== seconds) this.#median = undefined;
  }

  /** s; 0 before the first. */
  get(): number {
    this.#median ??= [...this.#spacings].sort((a, b) => a - b)[this.#spacings.length >> 1] ?? 0;
    return this.#median;
  }

  snapshot(): Json {
    return [...this.#spacings];
  }

  restore(snapshot: unknown): void {
    this.#spacings = arrayOf({ spacings: snapshot }, "spacings", isNumber);
    this.#median = undefined;
  }
}
