import type { History } from "./wire.ts";

/** Seconds that are held. */
const HOUR_SECONDS = 3600;

/** What a completed second adds to the lines that are drawn. */
export interface HourSecond {
  /** The second, since the Unix epoch. */
  readonly second: number;
  /** Events a second; null where the source was not heard. */
  readonly rate: number | null;
  /** What was usual then; null before that is known. */
  readonly usual: number | null;
  /** bits; null where it is not known. */
  readonly entropy: number | null;
}

/** The lines of the last hour of stream time, second by second. Holds 3,600 seconds of four numbers. */
export class Hour {
  readonly #seconds = new Float64Array(HOUR_SECONDS);
  readonly #rate = new Float64Array(HOUR_SECONDS);
  readonly #usual = new Float64Array(HOUR_SECONDS);
  readonly #entropy = new Float64Array(HOUR_SECONDS);
  #length = 0;
  #next = 0;

  /** The newest second; minus infinity before the first. */
  get newest(): number {
    return this.#length === 0 ? Number.NEGATIVE_INFINITY : this.#seconds[this.#place(this.#length - 1)]!;
  }

  /** Adds a second; one that is not later than the newest is left out. */
  push({ second, rate, usual, entropy }: HourSecond): void {
    if (second <= this.newest) return;
    this.#seconds[this.#next] = second;
    this.#rate[this.#next] = rate ?? Number.NaN;
    this.#usual[this.#next] = usual ?? Number.NaN;
    this.#entropy[this.#next] = entropy ?? Number.NaN;
    this.#next = (this.#next + 1) % HOUR_SECONDS;
    this.#length = Math.min(this.#length + 1, HOUR_SECONDS);
  }

  /** The seconds within an hour of the newest, earliest first; `seconds` are their ends. */
  columns(): Pick<History, "seconds" | "rate" | "usual" | "entropy"> {
    const seconds: number[] = [];
    const rate: (number | null)[] = [];
    const usual: (number | null)[] = [];
    const entropy: (number | null)[] = [];
    const from = this.newest - HOUR_SECONDS;
    for (let i = 0; i < this.#length; i++) {
      const place = this.#place(i);
      if (this.#seconds[place]! <= from) continue;
      seconds.push(this.#seconds[place]! + 1);
      rate.push(orNull(this.#rate[place]!));
      usual.push(orNull(this.#usual[place]!));
      entropy.push(orNull(this.#entropy[place]!));
    }
    return { seconds, rate, usual, entropy };
  }

  #place(index: number): number {
    return (this.#next - this.#length + index + HOUR_SECONDS) % HOUR_SECONDS;
  }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
