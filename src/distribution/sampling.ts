import type { ShownEvent } from "../records/shown-event.ts";

/** Samples at most, of a second and of a record. */
export const SAMPLES_MAX = 3;
/** Of each category the first of so many events is chosen, and the first of all. */
const ONE_IN = 8;
/** Categories whose events are counted apart; those of further ones are counted together, as those of none are. */
const CATEGORIES_MAX = 1000;

/**
 * Chooses some events of one stream, as they come: of each category the 1st, 9th, 17th …, though no more than three a
 * second.
 *
 * So a new category is seen at once, one that comes more often than it used to within seconds, and those that are always
 * there do not hide them. Holds a number for each of up to 1000 categories.
 */
export class SampleChooser {
  readonly #counts = new Map<string, { events: number }>();
  readonly #others = { events: 0 };
  #second = Number.NEGATIVE_INFINITY;
  #chosen = 0;

  /** Chooses the event, or not. @param category null for none. @param second of stream time; it never goes back. */
  chooses(category: string | null, second: number): boolean {
    const count = this.#countOf(category);
    const isDue = count.events % ONE_IN === 0;
    count.events++;
    if (!isDue) return false;
    if (second !== this.#second) {
      this.#second = second;
      this.#chosen = 0;
    }
    return ++this.#chosen <= SAMPLES_MAX;
  }

  #countOf(category: string | null): { events: number } {
    if (category === null) return this.#others;
    const known = this.#counts.get(category);
    if (known !== undefined) return known;
    if (this.#counts.size >= CATEGORIES_MAX) return this.#others;
    const count = { events: 0 };
    this.#counts.set(category, count);
    return count;
  }
}

/**
 * Tells how the event that is being counted is shown; undefined where there is no time to look. Asked of chosen events
 * only, for its message must be read.
 */
export type ShowEvent = () => ShownEvent | undefined;
