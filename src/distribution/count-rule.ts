/** How a stream's events are counted. */
export interface CountRule {
  /** An event is fresh when it arrives at most this long after its time, ms. */
  readonly latenessMs: number;
  /** Categories at most, `other` apart; events of further ones count as of `other`, or of none. */
  readonly categoriesMax: number;
  /** Given: only these are categories; events of others count as of `other`, or of none. */
  readonly keys?: ReadonlySet<string> | undefined;
  /** The category of events whose own is not counted; it may always be added. */
  readonly other?: string | undefined;
}

export const DEFAULT_RULE: CountRule = { latenessMs: 5000, categoriesMax: 1000 };

/** The category that an event counts under, by `keys` and `other`; null for none. An event without a key never has one. */
export function categoryOf(key: string | null, { keys, other }: CountRule): string | null {
  if (key === null || keys === undefined || keys.has(key)) return key;
  return other ?? null;
}
