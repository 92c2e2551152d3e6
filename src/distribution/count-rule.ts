/** Longest name of a category, characters: more is some other text, taken for one. */
export const KEY_CHARS_MAX = 256;

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

/**
 * What became of an event: counted under a category; it has no key; its key is none of `keys`; there are too many
 * categories for its own, or its key is too long for one.
 */
export type CountOutcome = "counted" | "unkeyed" | "left-out" | "refused";

/** An event arrives too long after its time to be fresh. @param t event time, ms. @param at arrival time, ms. */
export const isLate = (t: number, at: number, { latenessMs }: CountRule): boolean => at - t > latenessMs;

/**
 * The category that an event counts under, by `keys`, `other` and the length of its key; null for none. An event
 * without a key never has one.
 */
export function categoryOf(key: string | null, { keys, other }: CountRule): string | null {
  if (key === null) return null;
  if (key.length <= KEY_CHARS_MAX && (keys === undefined || keys.has(key))) return key;
  return other ?? null;
}

/** Why an event of this key counts under no category, where it does not. */
export function whyUncounted(key: string | null, { keys }: CountRule): Exclude<CountOutcome, "counted"> {
  if (key === null) return "unkeyed";
  const leftOut = key.length <= KEY_CHARS_MAX && keys !== undefined && !keys.has(key);
  return leftOut ? "left-out" : "refused";
}
