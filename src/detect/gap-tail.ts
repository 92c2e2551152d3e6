import type { Snapshot } from "./detector.ts";
import { arrayOf, fieldsOf, isNumber, numberOf } from "./snapshot.ts";

/** Bins a doubling of the length; 0 is one millisecond, the last a year. */
const BINS_PER_DOUBLING = 4;
const BINS = 140;
/** A tail is judged from this many silences on: fewer say nothing about longer ones. */
const EXCEEDANCES_MIN = 10;
/** Weights are brought back to 1 when they have doubled this often, long before doubles overflow. */
const DOUBLINGS_MAX = 200;
const SECONDS_PER_DAY = 86_400;

/**
 * How long silences get, learnt from those that ended: counts and sums by length in bins of ratio 2^(1/4), which
 * halve with each half-life of observed time.
 *
 * The tail above a bin's lower edge u is exponential (peaks over threshold; Pickands 1975, Balkema and de Haan 1974,
 * with shape 0), and since its mean is known from k silences only, the chance of an excess x is the predictive one,
 * (1 + x/S)^-k with S the sum of their excesses (Lomax), which is heavier the fewer there are. With k/T of them a
 * day, k/T (1 + (s - u)/S)^-k silences of s and longer are expected a day; the largest over all u with k >= 10 counts, so
 * that a mixture of short and long silences is judged by its long ones.
 *
 * Holds 280 numbers.
 */
export class GapTail {
  readonly #halfLife: number;
  readonly #counts = new Float64Array(BINS);
  readonly #sums = new Float64Array(BINS);
  /** Observed time, s, in the weights of the counts. */
  #exposure = 0;
  /** Half-lives since the weights were 1, and so the weight of what comes now. */
  #age = 0;
  #weight = 1;

  /** @param halfLife s of observed time. */
  constructor(halfLife: number) {
    this.#halfLife = halfLife;
  }

  /** The source was heard for so long, s. */
  observe(seconds: number): void {
    if (seconds <= 0) return;
    this.#age += seconds / this.#halfLife;
    if (this.#age > DOUBLINGS_MAX) this.#rescale();
    this.#weight = 2 ** this.#age;
    this.#exposure += seconds * this.#weight;
  }

  /** A silence of so many seconds ended. */
  add(seconds: number): void {
    const position = Math.floor(BINS_PER_DOUBLING * Math.log2(Math.max(seconds, 0.001) * 1000));
    const bin = Math.min(BINS - 1, position);
    this.#counts[bin]! += this.#weight;
    this.#sums[bin]! += this.#weight * seconds;
  }

  /** Silences that are remembered; each weighs less as it ages. */
  get count(): number {
    const counts = this.#counts;
    let sum = 0;
    for (let bin = 0; bin < BINS; bin++) sum += counts[bin]!;
    return sum / this.#weight;
  }

  /** An upper bound of the longest silence of about the last half-life, s. */
  get longest(): number {
    const counts = this.#counts;
    const remembered = 0.5 * this.#weight;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      if (counts[bin]! >= remembered) return EDGES[bin + 1]!;
    }
    return 0;
  }

  /** Silences of `seconds` and longer that are expected a day; undefined before there is evidence. */
  expectedPerDay(seconds: number): number | undefined {
    let expected: number | undefined;
    this.#eachTail(({ from, count, excess, perDay }) => {
      if (seconds < from) return;
      const rate = perDay * (1 + (seconds - from) / excess) ** -count;
      expected = Math.max(expected ?? 0, rate);
    });
    return expected;
  }

  /** The length, s, that is exceeded `perDay` times a day at most; undefined before there is evidence. */
  lengthAt(perDay: number): number | undefined {
    let length: number | undefined;
    this.#eachTail(({ from, count, excess, perDay: tail }) => {
      const beyond = tail > perDay ? excess * ((tail / perDay) ** (1 / count) - 1) : 0;
      length = Math.max(length ?? 0, from + beyond);
    });
    return length;
  }

  #eachTail(visit: (tail: { from: number; count: number; excess: number; perDay: number }) => void): void {
    const counts = this.#counts;
    const sums = this.#sums;
    const scale = this.#weight;
    const exposure = Math.max(this.#exposure, 1);
    let count = 0;
    let sum = 0;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      if (counts[bin] === 0) continue;
      count += counts[bin]! / scale;
      sum += sums[bin]! / scale;
      if (count < EXCEEDANCES_MIN) continue;
      const from = EDGES[bin]!;
      const perDay = (count * SECONDS_PER_DAY * scale) / exposure;
      visit({ from, count, excess: Math.max(sum - count * from, 0.001), perDay });
    }
  }

  #rescale(): void {
    const scale = 2 ** -this.#age;
    for (let bin = 0; bin < BINS; bin++) {
      this.#counts[bin]! *= scale;
      this.#sums[bin]! *= scale;
    }
    this.#exposure *= scale;
    this.#age = 0;
  }

  snapshot(): Snapshot {
    return {
      counts: [...this.#counts],
      sums: [...this.#sums],
      exposure: this.#exposure,
      age: this.#age,
    };
  }

  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "tail");
    this.#counts.set(arrayOf(fields, "counts", isNumber).slice(0, BINS));
    this.#sums.set(arrayOf(fields, "sums", isNumber).slice(0, BINS));
    this.#exposure = numberOf(fields, "exposure");
    this.#age = numberOf(fields, "age");
    this.#weight = 2 ** this.#age;
  }
}

/** The lower edges of the bins, s, and the last one's upper edge; the first one begins at nothing. */
const EDGES = Float64Array.from({ length: BINS + 1 }, (_, bin) =>
  bin === 0 ? 0 : 2 ** (bin / BINS_PER_DOUBLING) / 1000,
);
