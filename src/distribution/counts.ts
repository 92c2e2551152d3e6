import type { Mark, SecondRange } from "../core/stream-time.ts";
import type { SampleEvent } from "../records/sample-event.ts";

/** How a distribution is looked at: counts that halve every hour, or plain counts since the start. */
export type View = "recent" | "all";

/** Weights of categories: counts, or counts that decayed until now. */
export type Weights = ReadonlyMap<string, number>;

/** The events that came while stream time was in one second. */
export interface CountCell {
  /** Fresh events of each category that is counted; no entry where there were none. */
  readonly byKey: ReadonlyMap<string, number>;
  /** Fresh events of no category, or of one that is not counted. */
  readonly rest: number;
  /** Events that were not fresh, of every category and of none. */
  readonly late: number;
  /** A few of the fresh events, in the order they came in; at most three. */
  readonly samples: readonly SampleEvent[];
}

/** A completed second. */
export interface CountedSecond extends CountCell {
  readonly second: number;
  readonly connected: boolean;
}

/** What one category adds in a batch. */
export interface CategorySum {
  /** Events, late ones too. */
  readonly count: number;
  /** Their weights: each 2 to the power of the half-lives from the landmark to stream time when it came. */
  readonly weight: number;
}

/** Counted events to be added to a stream's counts in one step. */
export interface CountDelta {
  /** Where stream time stood at its first record, and at its last. */
  readonly first: Mark;
  readonly last: Mark;
  /** Seconds between those in which the source was not heard. */
  readonly blind: readonly SecondRange[];
  /** Greatest of the events' times, none later than its arrival, ms; undefined where there is no event. */
  readonly newest: number | undefined;
  /** What the weights are relative to: a whole number of half-lives, ms since the Unix epoch. */
  readonly landmark: number;
  readonly categories: ReadonlyMap<string, CategorySum>;
  /** By second of stream time; every category in them is among `categories`. */
  readonly cells: ReadonlyMap<number, CountCell>;
  /** Categories that the stream may have, `other` apart; events of further ones count as of `other`, or of none. */
  readonly categoriesMax: number;
  /** The category that takes what has none of its own; it may always be added. */
  readonly other: string | undefined;
}
