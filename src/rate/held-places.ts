import { type Place, Places } from "../records/place.ts";

/** The events between two cuts of a stream. */
export interface Stretch {
  /** The cut before them. */
  readonly place: Place | undefined;
  /** How many of them are not settled. */
  open: number;
}

/** Settled stretches that may stand at the front of the list before it is cut. */
const SETTLED_MAX = 1024;

/**
 * Knows where a source can be asked to go on so that whatever is not settled yet comes again: at the cut before the
 * event that came first of those. Holds one entry for each cut since then.
 */
export class HeldPlaces {
  readonly #places: Places;
  #stretches: Stretch[] = [{ place: undefined, open: 0 }];
  #first = 0;

  /** @param passed greatest event time before the first event, ms, where something is known of it. */
  constructor(passed?: number) {
    this.#places = new Places(passed);
  }

  /** The last cut that everything before is settled. */
  get settled(): Place | undefined {
    return this.#stretches[this.#first]!.place;
  }

  /** Greatest event time so far, ms. */
  get greatest(): number {
    return this.#places.greatest;
  }

  /** An event came. @returns where it lies. */
  pass(t: number, cursor: string | undefined): Stretch {
    this.#places.pass(t, cursor);
    const place = this.#places.last;
    let stretch = this.#stretches.at(-1)!;
    if (stretch.place !== place) {
      stretch = { place, open: 0 };
      this.#stretches.push(stretch);
      this.#forget();
    }
    stretch.open++;
    return stretch;
  }

  /** An event of this stretch was released, or came too late. */
  settle(stretch: Stretch): void {
    stretch.open--;
    this.#forget();
  }

  #forget(): void {
    while (this.#stretches[this.#first]!.open === 0 && this.#first < this.#stretches.length - 1)
      this.#first++;
    if (this.#first < SETTLED_MAX || this.#first * 2 < this.#stretches.length) return;
    this.#stretches = this.#stretches.slice(this.#first);
    this.#first = 0;
  }
}
