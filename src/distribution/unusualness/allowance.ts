const DAY_MS = 86_400_000;

/**
 * So many a day, and never more than that at once: a bucket that is full at the start and fills again over a day. Less
 * than one a day saves up for one. Holds four numbers.
 */
export class Allowance {
  readonly #perDay: number;
  readonly #size: number;
  #left: number;
  #asOf = Number.NEGATIVE_INFINITY;

  constructor(perDay: number) {
    this.#perDay = perDay;
    this.#size = Math.max(1, perDay);
    this.#left = this.#size;
  }

  /** One is left at `now`, ms of stream time. */
  has(now: number): boolean {
    if (now > this.#asOf) {
      const days = this.#asOf === Number.NEGATIVE_INFINITY ? 0 : (now - this.#asOf) / DAY_MS;
      this.#left = Math.min(this.#size, this.#left + days * this.#perDay);
      this.#asOf = now;
    }
    // Ten refills of a tenth are a whole, whatever binary fractions make of them.
    return this.#left >= 1 - 1e-9;
  }

  /** Takes one at `now`, ms of stream time, if one is left. */
  take(now: number): boolean {
    if (!this.has(now)) return false;
    this.#left = Math.max(0, this.#left - 1);
    return true;
  }
}
