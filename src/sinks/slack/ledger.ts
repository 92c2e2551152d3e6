import type { Tally } from "../../core/tally.ts";

/** What became of this run's own records, apart from those that earlier runs left or other processes appended. */
export interface Ledger {
  /** These were spooled; the positions after each, ascending. */
  appended(ends: readonly number[]): void;
  /** Everything up to `position` had this outcome; `count` records of whomever, where it is known. */
  settled(position: number, outcome: string, count?: number): void;
  /** The position after the last own record. */
  lastEnd(): number;
  /** Own records that wait. */
  left(): number;
  /** Records of others that were settled here. */
  others(): number;
}

/** Adds outcomes to a tally. Holds one number a waiting record. */
export function ledger(tally: Tally): Ledger {
  let ends: number[] = [];
  let first = 0;
  let others = 0;
  let lastEnd = 0;

  return {
    appended(more) {
      // Forgets what is settled, now and then, so that a long run holds only what waits.
      if (first > ends.length / 2) {
        ends = ends.slice(first);
        first = 0;
      }
      for (const end of more) ends.push(end);
      lastEnd = ends.at(-1) ?? lastEnd;
    },
    settled(position, outcome, count) {
      const before = first;
      while (first < ends.length && ends[first]! <= position) first++;
      const own = first - before;
      if (own > 0) tally.add(outcome, own);
      if (count !== undefined) others += count - own;
    },
    lastEnd: () => lastEnd,
    left: () => ends.length - first,
    others: () => others,
  };
}
