/**
 * A cut through a stream, made where event time rose: all that came before the event that was the first one later than
 * `passed`. Who goes on behind it gets that event again.
 *
 * Two branches of a pipe that saw the same events have the same cuts, and of two cuts the one of the smaller `passed` is
 * the earlier, whatever the source's own places look like.
 */
export interface Place {
  /** The source's own place of the last event before the cut, as JSON. */
  readonly cursor: string;
  /** Greatest event time before the cut, ms since the Unix epoch. */
  readonly passed: number;
}

/** How far behind a place a source is asked to begin at most, ms of event time, for messages come out of order. */
export const OVERLAP_MS_MAX = 60_000;

/** Follows the places of a stream from event to event. Holds two. */
export class Places {
  #greatest: number;
  #cursor: string | undefined;
  #last: Place | undefined;

  /** @param passed greatest event time before the first event, ms, where something is known of it. */
  constructor(passed = Number.NEGATIVE_INFINITY) {
    this.#greatest = passed;
  }

  /** The last cut before the event that came last; undefined where none can be named yet. */
  get last(): Place | undefined {
    return this.#last;
  }

  /** Greatest event time so far, ms; minus infinity before the first event. */
  get greatest(): number {
    return this.#greatest;
  }

  /** An event came, of event time `t`, ms. @param cursor its place as JSON; undefined where the source gives none. */
  pass(t: number, cursor: string | undefined): void {
    if (t > this.#greatest) {
      if (this.#cursor !== undefined) this.#last = { cursor: this.#cursor, passed: this.#greatest };
      this.#greatest = t;
    }
    if (cursor !== undefined) this.#cursor = cursor;
  }
}
