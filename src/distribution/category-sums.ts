import { type CountRule, categoryOf } from "./count-rule.ts";
import type { CategorySum, CountDelta, View } from "./counts.ts";
import { decayUntil, halfLivesBetween, landmarkOf, movedLandmark, scaled, weightAt } from "./decay.ts";

/** A category's counts that are still added to. */
export type OpenSum = { -readonly [Field in keyof CategorySum]: CategorySum[Field] };

/** Adds events to a category's counts; a new one begins. Called once an event, so it is given no object. */
export function addToSum(sums: Map<string, OpenSum>, category: string, count: number, weight: number): void {
  const sum = sums.get(category);
  if (sum === undefined) {
    sums.set(category, { count, weight });
    return;
  }
  sum.count += count;
  sum.weight += weight;
}

/** What became of a delta's categories. */
export interface MergedCategories {
  /** The category that events of each of them count under; null for none. */
  readonly places: ReadonlyMap<string, string | null>;
  /** Events there were too many categories for. */
  readonly refused: number;
}

/**
 * Plain and decayed counts of one stream's categories.
 *
 * They go by stream time, the greatest arrival seen: an event weighs by the stream time when it comes, so one that is
 * stamped ahead weighs nothing extra. Holds two numbers a category.
 */
export class CategorySums {
  readonly #rule: CountRule;
  readonly #sums = new Map<string, OpenSum>();
  #time = Number.NEGATIVE_INFINITY;
  #newest: number | undefined;
  #landmark: number | undefined;

  /** @param rule how `add` counts; `merge` goes by what the delta says. */
  constructor(rule: CountRule) {
    this.#rule = rule;
  }

  /** Stream time, ms; minus infinity before the first record. */
  get time(): number {
    return this.#time;
  }
  /** Greatest event time, none later than its arrival, ms; undefined before the first event. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /**
   * Counts one event. @param t event time, ms. @param at arrival time, ms.
   * @returns the category it counts under; null for none.
   */
  add(key: string | null, t: number, at: number): string | null {
    if (at > this.#time) this.advance(at);
    this.#learnNewest(Math.min(t, at));
    const own = categoryOf(key, this.#rule);
    const place = own === null ? null : this.#placeOf(own, this.#rule);
    if (place !== null) addToSum(this.#sums, place, 1, weightAt(this.#time, this.#landmark!));
    return place;
  }

  /**
   * Stream time is at least `time`, ms. @param first the landmark, where there is none yet.
   * @returns the landmark.
   */
  advance(time: number, first = landmarkOf(time)): number {
    this.#time = Math.max(this.#time, time);
    const before = this.#landmark ?? first;
    this.#landmark = movedLandmark(before, this.#time);
    if (this.#landmark !== before) {
      const shift = halfLivesBetween(this.#landmark, before);
      for (const sum of this.#sums.values()) sum.weight = scaled(sum.weight, shift);
    }
    return this.#landmark;
  }

  /** Adds categories that were counted elsewhere, in their order, and moves stream time to the delta's last mark. */
  merge(delta: CountDelta): MergedCategories {
    const shift = halfLivesBetween(this.advance(delta.last.time, delta.landmark), delta.landmark);
    const places = new Map<string, string | null>();
    let refused = 0;
    for (const [name, { count, weight }] of delta.categories) {
      const place = this.#placeOf(name, delta);
      places.set(name, place);
      if (place !== name) refused += count;
      if (place !== null) addToSum(this.#sums, place, count, scaled(weight, shift));
    }
    if (delta.newest !== undefined) this.#learnNewest(delta.newest);
    return { places, refused };
  }

  /** Every known category with its plain count, or with what it weighs as of stream time. One that weighs nothing is there too. */
  weights(view: View): Map<string, number> {
    const weights = new Map<string, number>();
    const factor = this.#landmark === undefined ? 1 : decayUntil(this.#time, this.#landmark);
    for (const [category, { count, weight }] of this.#sums) {
      weights.set(category, view === "all" ? count : weight * factor);
    }
    return weights;
  }

  /** The category that events of this one count under; null for none. */
  #placeOf(
    name: string,
    { categoriesMax, other }: Pick<CountRule, "categoriesMax" | "other">,
  ): string | null {
    if (this.#sums.has(name) || name === other) return name;
    const own = this.#sums.size - (other !== undefined && this.#sums.has(other) ? 1 : 0);
    return own < categoriesMax ? name : (other ?? null);
  }

  #learnNewest(t: number): void {
    if (this.#newest === undefined || t > this.#newest) this.#newest = t;
  }
}
