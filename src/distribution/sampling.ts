import type { ShownEvent } from "../records/shown-event.ts";

/** Samples at most, of a second and of a record. */
export const SAMPLES_MAX = 3;
/** Events of a group: one is chosen for its place in it, and at most one for its category. */
const GROUP_EVENTS = 16;
/** A category is rare while no more than one in so many events with a category are of it. */
const RARE_ONE_IN = 64;
/** Categories whose events are counted; events of further ones are not chosen for it. */
const CATEGORIES_MAX = 1000;

/**
 * Chooses some events of one stream, as they come: of each sixteen the first, and the first of a rare category; no more
 * than three a second.
 *
 * A category is rare when, this event included, at most 1/64 of the events with a category were of it. So what is
 * common and what is rare both have a sample before anybody knows which of them will be asked about. Holds a number for
 * each of up to 1000 categories.
 */
export class SampleChooser {
  readonly #counts = new Map<string, { events: number }>();
  #events = 0;
  #place = 0;
  #hasRare = false;
  #second = Number.NEGATIVE_INFINITY;
  #chosen = 0;

  /** Chooses the event, or not. @param category null for none. @param second of stream time; it never goes back. */
  chooses(category: string | null, second: number): boolean {
    const first = this.#place === 0;
    this.#place = (this.#place + 1) % GROUP_EVENTS;
    if (first) this.#hasRare = false;
    const rare = category !== null && this.#countsAsRare(category) && !this.#hasRare;
    if (rare) this.#hasRare = true;
    if (!first && !rare) return false;
    if (second !== this.#second) {
      this.#second = second;
      this.#chosen = 0;
    }
    return ++this.#chosen <= SAMPLES_MAX;
  }

  #countsAsRare(category: string): boolean {
    this.#events++;
    let count = this.#counts.get(category);
    if (count === undefined) {
      if (this.#counts.size >= CATEGORIES_MAX) return false;
      count = { events: 0 };
      this.#counts.set(category, count);
    }
    count.events++;
    return count.events * RARE_ONE_IN <= this.#events;
  }
}

/**
 * Tells how the event that is being counted is shown; undefined where there is no time to look. Asked of chosen events
 * only, for its message must be read.
 */
export type ShowEvent = () => ShownEvent | undefined;
