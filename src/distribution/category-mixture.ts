import { ForwardWeights } from "./forward-weights.ts";

/** Half-lives of the counts that the mixture is of, s; plain counts since the start come last. */
const HALF_LIVES = [30, 120, 600, 3600, Number.POSITIVE_INFINITY] as const;
const COMPONENTS = HALF_LIVES.length;
const PLAIN = COMPONENTS - 1;
/** Pseudo-counts that smooth each component, a category: they weigh as much as so many events. */
const SMOOTHING = 0.3;
/** Part of the mixture that is handed out evenly after each event, so that a component that failed can come back. */
const FIXED_SHARE = 0.001;

/** What was counted of a category before: plain, and with a half-life of an hour as of some time. */
export interface PriorCount {
  readonly all: number;
  readonly recent: number;
}
/** Half-life of PriorCount's `recent`, s. */
const RECENT_HALF_LIFE = 3600;

/**
 * The probability of the category of the next event, given that it is a known one: a mixture over how long the world
 * is remembered.
 *
 * Each component is a decayed count, smoothed towards the plain counts since the start, which are smoothed towards all
 * being equal; so no category ever has probability 0, and together they have 1. The mixture's shares follow Bayes'
 * rule with a fixed share, so that they switch within a few events when the world changes. An event costs as many
 * steps as there are components; holds as many numbers a category.
 *
 * Source: Herbster and Warmuth, "Tracking the Best Expert", Machine Learning 32 (1998).
 */
export class CategoryMixture {
  readonly #weights = new ForwardWeights(HALF_LIVES);
  readonly #shares = new Float64Array(COMPONENTS).fill(1 / COMPONENTS);
  /** Of each component as of `prepare`: what a stored weight adds to its probability, and what is left to smoothing. */
  readonly #slopes = new Float64Array(COMPONENTS);
  readonly #slacks = new Float64Array(COMPONENTS);
  /** The same for the whole mixture. */
  readonly #mixedSlopes = new Float64Array(COMPONENTS);
  #mixedFloor = 0;
  readonly #posterior = new Float64Array(COMPONENTS);
  #size = 0;

  /** Known categories, numbered from 0. */
  get size(): number {
    return this.#size;
  }

  /** Plain count of a category. */
  count(index: number): number {
    return this.#weights.at(index, PLAIN);
  }

  advance(now: number): void {
    this.#weights.advance(now);
  }

  /** Makes ready for `probability` and `learn` after time moved on or something was added. */
  prepare(): void {
    const smoothing = SMOOTHING * this.#size;
    let toPlain = this.#shares[PLAIN]!;
    for (let k = 0; k < COMPONENTS; k++) {
      const weight = this.#weights.total(k) + smoothing;
      this.#slopes[k] = this.#weights.factors[k]! / weight;
      this.#slacks[k] = smoothing / weight;
      this.#mixedSlopes[k] = this.#shares[k]! * this.#slopes[k]!;
      if (k < PLAIN) toPlain += this.#shares[k]! * this.#slacks[k]!;
    }
    this.#mixedSlopes[PLAIN] = toPlain * this.#slopes[PLAIN]!;
    this.#mixedFloor = (toPlain * this.#slacks[PLAIN]!) / this.#size;
  }

  /** Of a known category, as of `prepare`. */
  probability(index: number): number {
    const stored = this.#weights.stored;
    const slopes = this.#mixedSlopes;
    const from = index * COMPONENTS;
    let probability = this.#mixedFloor;
    for (let k = 0; k < COMPONENTS; k++) probability += slopes[k]! * stored[from + k]!;
    return probability;
  }

  /** A known category came, when the mixture was as of `prepare`. */
  learn(index: number): void {
    this.#weighComponents(index);
    for (let k = 0; k < COMPONENTS; k++) this.#weights.add(index, k);
  }

  /** A new category came. @returns its number. */
  begin(): number {
    const index = this.#size++;
    for (let k = 0; k < COMPONENTS; k++) this.#weights.add(index, k);
    return index;
  }

  /** A new category that was counted elsewhere, as of now. @returns its number. */
  beginWith({ all, recent }: PriorCount): number {
    const index = this.#size++;
    HALF_LIVES.forEach((halfLife, k) => {
      // At a steady rate a decayed count is in proportion to its half-life.
      this.#weights.add(index, k, k === PLAIN ? all : (recent * halfLife) / RECENT_HALF_LIFE);
    });
    return index;
  }

  /** Bayes' rule with a fixed share, by how probable each component had called the category. */
  #weighComponents(index: number): void {
    const stored = this.#weights.stored;
    const from = index * COMPONENTS;
    const plain = this.#slopes[PLAIN]! * stored[from + PLAIN]! + this.#slacks[PLAIN]! / this.#size;
    let sum = 0;
    for (let k = 0; k < COMPONENTS; k++) {
      const decayed = this.#slopes[k]! * stored[from + k]! + this.#slacks[k]! * plain;
      const posterior = this.#shares[k]! * (k === PLAIN ? plain : decayed);
      this.#posterior[k] = posterior;
      sum += posterior;
    }
    for (let k = 0; k < COMPONENTS; k++) {
      this.#shares[k] = ((1 - FIXED_SHARE) * this.#posterior[k]!) / sum + FIXED_SHARE / COMPONENTS;
    }
  }
}
