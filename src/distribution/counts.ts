/** How a distribution is looked at: counts that halve every hour, or plain counts since the start. */
export type View = "recent" | "all";

/** Weights of categories: counts, or counts that decayed until now. */
export type Weights = ReadonlyMap<string, number>;

/** The events of one second of stream time, by arrival. */
export interface CountCell {
  /** Fresh events of each category that is counted; no entry where there were none. */
  readonly byKey: ReadonlyMap<string, number>;
  /** Fresh events of no category, or of one that is not counted. */
  readonly rest: number;
  /** Events that were not fresh, of every category and of none. */
  readonly late: number;
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
  /** Their decayed weights: each 2 to the power of the half-lives from the batch's landmark to its arrival. */
  readonly weight: number;
}
