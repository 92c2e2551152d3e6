import { KEY_CHARS_MAX } from "../count-rule.ts";
import { CategoryMixture, type PriorCount } from "./category-mixture.ts";
import { Ranking } from "./ranking.ts";

/** The share of the never seen is at least that of half an event. */
const UNSEEN_MIN = 0.5;

/** A category: seen before; not seen before; or one too many, of which nobody can say whether it was. */
export type Familiarity = "known" | "new" | "beyond";

export interface Likelihood {
  readonly familiarity: Familiarity;
  /** Of the category; of any that is not known, where it is none of the known. Above 0. */
  readonly probability: number;
  /** What all that are as improbable or more have together, at least `probability`; beyond the cap, not summed further. */
  readonly rarity: number;
  /** The probability of any category that is not known. */
  readonly unseen: number;
}

/**
 * Which category the next event will have: the known ones' probabilities and that of any other add up to 1, and none
 * is 0.
 *
 * The probability of any other is Good and Turing's: the categories seen exactly once, by the events so far. Categories
 * past `categoriesMax` are not learnt; their events count as never seen ones. Costs a few steps an event, and for a
 * rare one as many as there are categories. Holds some ten numbers a category, and its name.
 *
 * Source: Good, "The Population Frequencies of Species", Biometrika 40 (1953).
 */
export class CategoryModel {
  readonly #categoriesMax: number;
  readonly #mixture = new CategoryMixture();
  readonly #ranking = new Ranking();
  readonly #indices = new Map<string, number>();
  #events = 0;
  #seenOnce = 0;
  #beyond = 0;
  /** The mixture is as of the last change. */
  #prepared = false;

  constructor(categoriesMax: number) {
    this.#categoriesMax = categoriesMax;
  }

  /** Events learnt so far. */
  get events(): number {
    return this.#events;
  }
  get categories(): number {
    return this.#indices.size;
  }

  /** Stream time goes on to `now`, ms since the Unix epoch. */
  advance(now: number): void {
    this.#mixture.advance(now);
    this.#prepared = false;
  }

  /** Begins with what was counted before, as of `now`; to be called first. The most frequent stay where they are too many. */
  begin(counts: ReadonlyMap<string, PriorCount>, now: number): void {
    this.advance(now);
    const ranked = [...counts].sort(([a, x], [b, y]) => y.all - x.all || (a < b ? -1 : 1));
    for (const [name, count] of ranked) {
      this.#events += count.all;
      if (this.#hasRoomFor(name)) {
        this.#indices.set(name, this.#mixture.beginWith(count));
        this.#ranking.enter(count.all);
        if (count.all === 1) this.#seenOnce++;
      } else this.#beyond += count.all;
    }
  }

  /** How likely a category is now. Rarities are summed no further than `cap`. */
  likelihood(name: string, cap: number): Likelihood {
    const index = this.#indices.get(name);
    const unseen = this.#unseenShare();
    if (index === undefined) {
      const familiarity = this.#hasRoomFor(name) ? "new" : "beyond";
      return { familiarity, probability: unseen, rarity: this.#rarity(unseen, unseen, 0, cap), unseen };
    }
    this.#prepare();
    const probability = (1 - unseen) * this.#mixture.probability(index);
    const rarity = this.#rarity(probability, unseen, this.#ranking.rankOf(index), cap);
    return { familiarity: "known", probability, rarity, unseen };
  }

  /** An event of this category happened. */
  learn(name: string): void {
    const index = this.#indices.get(name);
    this.#events++;
    if (index !== undefined) {
      this.#prepare();
      if (this.#mixture.count(index) === 1) this.#seenOnce--;
      this.#mixture.learn(index);
      this.#ranking.raise(index);
    } else if (this.#hasRoomFor(name)) {
      this.#indices.set(name, this.#mixture.begin());
      this.#ranking.enter(1);
      this.#seenOnce++;
    } else this.#beyond++;
    this.#prepared = false;
  }

  #hasRoomFor(name: string): boolean {
    return this.#indices.size < this.#categoriesMax && name.length <= KEY_CHARS_MAX;
  }

  #prepare(): void {
    if (!this.#prepared) this.#mixture.prepare();
    this.#prepared = true;
  }

  #unseenShare(): number {
    if (this.#indices.size === 0) return 1;
    return Math.max(this.#seenOnce + this.#beyond, UNSEEN_MIN) / (this.#events + 1);
  }

  /** The probabilities up to this one, ties included, added up. Begins among its like, where the cap is soonest reached. */
  #rarity(probability: number, unseen: number, rank: number, cap: number): number {
    this.#prepare();
    const { order } = this.#ranking;
    const known = 1 - unseen;
    let sum = unseen <= probability ? unseen : 0;
    for (let i = rank; i < order.length && sum <= cap; i++) {
      const other = known * this.#mixture.probability(order[i]!);
      if (other <= probability) sum += other;
    }
    for (let i = rank - 1; i >= 0 && sum <= cap; i--) {
      const other = known * this.#mixture.probability(order[i]!);
      if (other <= probability) sum += other;
    }
    return Math.min(1, sum);
  }
}
