import { firstSecondOf, HeardSeconds, HISTORY_SECONDS, type Mark, secondOf } from "../core/stream-time.ts";
import { CountCells } from "./count-cells.ts";
import { type CountRule, categoryOf, DEFAULT_RULE } from "./count-rule.ts";
import type { CategorySum, CountDelta, CountedSecond, View } from "./counts.ts";
import { decayUntil, halfLivesBetween, landmarkOf, movedLandmark, scaled, weightAt } from "./decay.ts";

/** A category's counts that are still added to. */
type OpenSum = { -readonly [Field in keyof CategorySum]: CategorySum[Field] };

/** What became of an event: counted under a category; it has none that is counted; there are too many for its own. */
export type CountOutcome = "counted" | "unkeyed" | "refused";

/**
 * What one stream's counts are: fresh events of each second of the last 15 minutes, plain and decayed counts of each
 * category. Late events count in the latter, and among the `late` of their second.
 *
 * Everything goes by stream time, the greatest arrival seen: an event counts in the second it arrived in, and weighs
 * by the stream time then, so one that is stamped ahead weighs nothing extra. Holds two numbers a category and one
 * a category and second.
 */
export class CountTable {
  readonly #rule: CountRule;
  readonly #sums = new Map<string, OpenSum>();
  readonly #cells = new CountCells();
  readonly #heard = new HeardSeconds();
  #time = Number.NEGATIVE_INFINITY;
  #newest: number | undefined;
  #landmark: number | undefined;

  /** @param rule how `add` counts; `merge` goes by what the delta says. */
  constructor(rule: CountRule = DEFAULT_RULE) {
    this.#rule = rule;
  }

  /** Stream time, ms; minus infinity before the first record. */
  get time(): number {
    return this.#time;
  }
  /** As the last record said; true before the first. */
  get connected(): boolean {
    return this.#heard.connected;
  }
  /** Greatest event time, none later than its arrival, ms; undefined before the first event. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /** Counts one event. @param t event time, ms. @param at arrival time, ms. */
  add(key: string | null, t: number, at: number): CountOutcome {
    if (at > this.#time) this.mark(at, this.connected);
    this.#learnNewest(Math.min(t, at));
    const own = categoryOf(key, this.#rule);
    const category = own === null ? undefined : this.#placeOf(own, this.#rule);
    if (category !== undefined) this.#count(category, 1, weightAt(this.#time, this.#landmark!));
    if (at - t > this.#rule.latenessMs) this.#cells.addLate(secondOf(at));
    else this.#cells.addFresh(secondOf(at), category ?? null);
    if (own === null) return "unkeyed";
    return category === undefined ? "refused" : "counted";
  }

  /** The category that an event of this key counts under, once it was added; undefined for none. */
  placeOf(key: string | null): string | undefined {
    const own = categoryOf(key, this.#rule);
    return own === null ? undefined : this.#placeOf(own, this.#rule);
  }

  /** Stream time went on; a time that is past moves nothing. @param connected the source is heard from now on. */
  mark(time: number, connected: boolean): void {
    this.#heard.mark({ time, connected });
    this.#advance(time, landmarkOf(time));
  }

  /**
   * Adds what was counted elsewhere: its categories in their order, then its seconds.
   * @returns how many events there were too many categories for.
   */
  merge(delta: CountDelta): number {
    const landmark = this.#land(delta);
    const shift = halfLivesBetween(landmark, delta.landmark);
    const places = new Map<string, string | undefined>();
    let refused = 0;
    for (const [name, { count, weight }] of delta.categories) {
      const place = this.#placeOf(name, delta);
      places.set(name, place);
      if (place !== name) refused += count;
      if (place !== undefined) this.#count(place, count, scaled(weight, shift));
    }
    const kept = this.#keptFrom();
    for (const [second, cell] of delta.cells) {
      if (second < kept) continue;
      this.#cells.addLate(second, cell.late);
      this.#cells.addFresh(second, null, cell.rest);
      for (const [name, count] of cell.byKey) this.#cells.addFresh(second, places.get(name) ?? null, count);
    }
    if (delta.newest !== undefined) this.#learnNewest(delta.newest);
    return refused;
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

  /** The completed seconds from `from` on, at most the last `max` of them and 900, earliest first. */
  completed(from: number, max: number): CountedSecond[] {
    const { begin, end } = this.#heard.completed(this.#time, { from, max });
    const seconds: CountedSecond[] = [];
    for (let second = begin; second < end; second++) {
      const cell = this.#cells.get(second);
      const byKey = new Map(cell?.byKey);
      const { rest, late } = cell ?? { rest: 0, late: 0 };
      seconds.push({ second, connected: !this.#heard.isBlind(second), byKey, rest, late });
    }
    return seconds;
  }

  /** Takes over a delta's marks. @returns the landmark. */
  #land({ first, last, blind, landmark }: { first: Mark; last: Mark } & CountDelta): number {
    this.#heard.mark(first);
    for (const range of blind) this.#heard.markBlind(range);
    this.#heard.land(last);
    return this.#advance(last.time, landmark);
  }

  /** Moves stream time and what hangs on it. @param landmark the first one's. @returns the landmark. */
  #advance(time: number, landmark: number): number {
    const isNewSecond = secondOf(time) > secondOf(this.#time);
    this.#time = Math.max(this.#time, time);
    if (isNewSecond) {
      this.#cells.forget(this.#keptFrom());
      this.#heard.forget(this.#keptFrom());
    }
    const before = this.#landmark ?? landmark;
    this.#landmark = movedLandmark(before, this.#time);
    if (this.#landmark !== before) {
      const shift = halfLivesBetween(this.#landmark, before);
      for (const sum of this.#sums.values()) sum.weight = scaled(sum.weight, shift);
    }
    return this.#landmark;
  }

  /** The category that events of this one count under; undefined for none. */
  #placeOf(
    name: string,
    { categoriesMax, other }: Pick<CountRule, "categoriesMax" | "other">,
  ): string | undefined {
    if (this.#sums.has(name) || name === other) return name;
    const own = this.#sums.size - (other !== undefined && this.#sums.has(other) ? 1 : 0);
    return own < categoriesMax ? name : other;
  }

  #count(category: string, count: number, weight: number): void {
    const sum = this.#sums.get(category);
    if (sum === undefined) {
      this.#sums.set(category, { count, weight });
      return;
    }
    sum.count += count;
    sum.weight += weight;
  }

  #learnNewest(t: number): void {
    if (this.#newest === undefined || t > this.#newest) this.#newest = t;
  }

  /** The first second that can still be asked for. */
  #keptFrom(): number {
    return firstSecondOf(this.#time, HISTORY_SECONDS);
  }
}
