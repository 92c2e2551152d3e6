import type { Measurement } from "../../src/records/measurement.ts";
import type { Random } from "../../src/simulate/random.ts";

/** Made-up streams on which detection is measured, one record a second. */
export const START = Date.parse("2026-01-05T00:00:00Z");
const DAY = 86_400;

/** A Poisson number: by products below 30 (Knuth), above by transformed rejection (PTRS; Hörmann 1993). */
export function poisson(mean: number, random: Random): number {
  if (mean < 30) {
    let count = 0;
    for (let p = random.uniform(), limit = Math.exp(-mean); p > limit; p *= random.uniform()) count++;
    return mean <= 0 ? 0 : count;
  }
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const acceptance = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = 1 - random.uniform();
    const us = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= acceptance) return count;
    if (count < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log(v) + Math.log(1.1239 + 1.1328 / (b - 3.4)) - Math.log(a / (us * us) + b);
    if (left <= count * Math.log(mean) - mean - logFactorial(count)) return count;
  }
}

/** ln n!, Stirling's series; good to 1e-8 from 5 on. */
function logFactorial(n: number): number {
  if (n < 5) return Math.log([1, 1, 2, 6, 24][n]!);
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
}

const normal = (random: Random) =>
  Math.sqrt(2 * random.exponential()) * Math.cos(2 * Math.PI * random.uniform());

/** Gamma with this shape and mean 1 (Marsaglia and Tsang 2000). */
export function gamma(shape: number, random: Random): number {
  if (shape < 1) {
    return ((gamma(shape + 1, random) * (shape + 1)) / shape) * (1 - random.uniform()) ** (1 / shape);
  }
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && -random.exponential() < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
  }
}

/** Shares that fall as 1/rank: as Meetup's states do, about. */
export const zipf = (size: number): number[] =>
  normalised(Array.from({ length: size }, (_, rank) => 1 / (rank + 1)));

function normalised(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** The given shares first, then as many categories as there are to be, Zipf-like. */
export const sharesWith = (first: readonly number[], size: number): number[] => {
  const rest = 1 - first.reduce((a, b) => a + b, 0);
  return [...first, ...zipf(size - first.length).map((share) => share * rest)];
};

/** The same shares but for one; the others make room in proportion. */
export const withShare = (shares: readonly number[], category: number, share: number): number[] =>
  shares.map((own, i) => (i === category ? share : (own * (1 - share)) / (1 - shares[category]!)));

/** How many events come in a second, where `rate` are to be expected. */
export type Traffic = (random: Random) => (second: number, rate: number) => number;

/** Streams that are calm, each in its own way. */
export const TRAFFIC = {
  Poisson: (random) => (_, rate) => poisson(rate, random),
  "dispersion 3": (random) => (_, rate) => poisson(rate * gamma(rate / 2, random), random),
  /** For each ten seconds another rate: counts of ten seconds have a dispersion of 3. */
  "bursts of 10 s": (random) => {
    let factor = 1;
    return (second, rate) => {
      if (second % 10 === 0) factor = gamma(rate * 5, random);
      return poisson(rate * factor, random);
    };
  },
  /** About every five minutes three times the rate for ten seconds. */
  "surges of 10 s": (random) => {
    let left = 0;
    return (_, rate) => {
      if (left > 0) left--;
      else if (random.chance(1 / 300)) left = 10;
      return poisson(left > 0 ? 3 * rate : rate, random);
    };
  },
  "daily wave": (random) => (second, rate) =>
    poisson(rate * (1 + 0.6 * Math.sin((2 * Math.PI * second) / DAY)), random),
  "batches each minute": (random) => (second, rate) =>
    poisson(rate, random) + (second % 60 === 17 ? 5 + random.below(36) : 0),
  "batches alone": (random) => (second) => (second % 60 === 17 ? 5 + random.below(36) : 0),
} satisfies Record<string, Traffic>;
export type TrafficName = keyof typeof TRAFFIC;

export interface StreamOptions {
  readonly traffic: Traffic;
  readonly rate: number;
  readonly shares: readonly number[];
  readonly random: Random;
}

/** A stream whose rate and shares can be changed while it runs. */
export class MadeStream {
  /** Events a second, on average. */
  rate: number;
  #second = 0;
  #newest = 0;
  #cumulative: number[] = [];
  readonly #random: Random;
  readonly #count: (second: number, rate: number) => number;

  constructor({ traffic, rate, shares, random }: StreamOptions) {
    this.#random = random;
    this.#count = traffic(random);
    this.rate = rate;
    this.shares = shares;
  }

  set shares(shares: readonly number[]) {
    let sum = 0;
    this.#cumulative = shares.map((share) => (sum += share));
  }

  /** Seconds that have passed. */
  get second(): number {
    return this.#second;
  }

  /** What is said of the next second, as `stats` would say it. */
  next(): Measurement {
    const events = this.#count(this.#second, this.rate);
    const byKey: Record<string, number> = {};
    for (let i = 0; i < events; i++) {
      const key = `c${this.#place(this.#random.uniform())}`;
      byKey[key] = (byKey[key] ?? 0) + 1;
    }
    this.#second++;
    if (events > 0) this.#newest = this.#second;
    return {
      t: START + this.#second * 1000,
      stream: "made",
      connected: true,
      stale: 0,
      seconds: 1,
      silence: this.#second - this.#newest,
      byKey,
      samples: [],
      fields: { events },
    };
  }

  #place(u: number): number {
    let [low, high] = [0, this.#cumulative.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! > u) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
