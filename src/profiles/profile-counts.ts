import type { ProfileKind } from "./kinds.ts";
import type { SavedProfiles } from "./save-profiles.ts";

/** What became of the ids that were seen: `seen` + `before` are the others together. */
export interface ProfileCounts {
  /** Ids in messages, each time they were seen. */
  seen: number;
  /** Ids that an earlier run left waiting. */
  before: number;
  stored: number;
  /** The API does not know them. */
  unknown: number;
  /** The API takes them in no request, or the store their documents in no form. */
  refused: number;
  /** Seen while they waited, or after they were asked for within the day. */
  repeats: number;
  readonly waiting: number;
}

/** Counts of a book that is opened now. */
export const countsOf = (book: { readonly waiting: number }): ProfileCounts => ({
  seen: 0,
  before: book.waiting,
  stored: 0,
  unknown: 0,
  refused: 0,
  repeats: 0,
  get waiting() {
    return book.waiting;
  },
});

/** Counts what became of a batch. */
export function addSaved(counts: ProfileCounts, { stored, unknown, refused }: SavedProfiles): void {
  counts.stored += stored.length;
  counts.unknown += unknown.length;
  counts.refused += refused.length;
}

/** The counts of all kinds together. */
export function sumOf(counts: Readonly<Record<ProfileKind, Readonly<ProfileCounts>>>): ProfileCounts {
  const { members, groups } = counts;
  const add = (name: keyof ProfileCounts) => members[name] + groups[name];
  return {
    seen: add("seen"),
    before: add("before"),
    stored: add("stored"),
    unknown: add("unknown"),
    refused: add("refused"),
    repeats: add("repeats"),
    waiting: add("waiting"),
  };
}
