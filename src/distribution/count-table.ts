import { firstSecondOf, HeardSeconds, HISTORY_SECONDS, secondOf } from "../core/stream-time.ts";
import { CategorySums } from "./category-sums.ts";
import { CountCells } from "./count-cells.ts";
import { type CountOutcome, type CountRule, DEFAULT_RULE, isLate, whyUncounted } from "./count-rule.ts";
import type { CountDelta, CountedSecond, View } from "./counts.ts";

/**
 * What one stream's counts are: fresh events of each second of the last 15 minutes, plain and decayed counts of each
 * category. Late events count in the latter, and among the `late` of their second.
 *
 * Everything goes by stream time, the greatest arrival seen: an event counts in the second that stream time is in when
 * it comes, so that whoever looks at each second once misses none. Holds two numbers a category and one a category and
 * second.
 */
export class CountTable {
  readonly #rule: CountRule;
  readonly #sums: CategorySums;
  readonly #cells = new CountCells();
  readonly #heard = new HeardSeconds();

  /** @param rule how `add` counts; `merge` goes by what the delta says. */
  constructor(rule: CountRule = DEFAULT_RULE) {
    this.#rule = rule;
    this.#sums = new CategorySums(rule);
  }

  /** Stream time, ms; minus infinity before the first record. */
  get time(): number {
    return this.#sums.time;
  }
  /** As the last record said; true before the first. */
  get connected(): boolean {
    return this.#heard.connected;
  }
  /** Greatest event time, none later than its arrival, ms; undefined before the first event. */
  get newest(): number | undefined {
    return this.#sums.newest;
  }

  /** Counts one event. @param t event time, ms. @param at arrival time, ms. */
  add(key: string | null, t: number, at: number): CountOutcome {
    if (at > this.time) this.mark(at, this.connected);
    const category = this.#sums.add(key, t, at);
    const second = secondOf(this.time);
    if (isLate(t, at, this.#rule)) this.#cells.addLate(second);
    else this.#cells.addFresh(second, category);
    return category === null ? whyUncounted(key, this.#rule) : "counted";
  }

  /** Stream time went on; a time that is past moves nothing. @param connected the source is heard from now on. */
  mark(time: number, connected: boolean): void {
    this.#heard.mark({ time, connected });
    const before = this.time;
    this.#sums.advance(time);
    this.#forgetSince(before);
  }

  /**
   * Adds what was counted elsewhere: its categories in their order, then its seconds.
   * @returns how many events there were too many categories for.
   */
  merge(delta: CountDelta): number {
    const before = this.time;
    const { places, refused } = this.#sums.merge(delta);
    const kept = this.#keptFrom();
    this.#heard.mark(delta.first);
    for (const range of delta.blind) this.#heard.markBlind(range);
    this.#heard.land(delta.last);
    this.#forgetSince(before);
    for (const [second, cell] of delta.cells) {
      if (second < kept) continue;
      this.#cells.addLate(second, cell.late);
      this.#cells.addFresh(second, null, cell.rest);
      for (const [name, count] of cell.byKey) this.#cells.addFresh(second, places.get(name) ?? null, count);
      for (const sample of cell.samples) this.#cells.addSample(second, sample);
    }
    return refused;
  }

  /** Every known category with its plain count, or with what it weighs as of stream time. One that weighs nothing is there too. */
  weights(view: View): Map<string, number> {
    return this.#sums.weights(view);
  }

  /** The completed seconds from `from` on, at most the last `max` of them and 900, earliest first. */
  completed(from: number, max: number): CountedSecond[] {
    const { begin, end } = this.#heard.completed(this.time, { from, max });
    const seconds: CountedSecond[] = [];
    for (let second = begin; second < end; second++) {
      const cell = this.#cells.get(second);
      const byKey = new Map(cell?.byKey);
      const { rest, late } = cell ?? { rest: 0, late: 0 };
      const connected = !this.#heard.isBlind(second);
      seconds.push({ second, connected, byKey, rest, late, samples: [...(cell?.samples ?? [])] });
    }
    return seconds;
  }

  /** Lets go of the seconds that stream time has left behind. @param before where it was. */
  #forgetSince(before: number): void {
    if (secondOf(this.time) <= secondOf(before)) return;
    this.#cells.forget(this.#keptFrom());
    this.#heard.forget(this.#keptFrom());
  }

  /** The first second that can still be asked for. */
  #keptFrom(): number {
    return firstSecondOf(this.time, HISTORY_SECONDS);
  }
}
