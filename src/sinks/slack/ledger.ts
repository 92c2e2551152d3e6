import type { Tally } from "../../core/tally.ts";

/** A spooled line that stands for records. */
interface Standing {
  readonly records: number;
  /** What they count as when Slack has it. */
  readonly as: string;
}

/** What became of this run's own records, apart from those that earlier runs left or other processes appended. */
export interface Ledger {
  /** These were spooled; the positions after each, ascending, and where they are not one record each, what they are. */
  appended(ends: readonly number[], lines?: readonly Standing[]): void;
  /** Everything up to `position` had this outcome; `count` records of whomever, where it is known. */
  settled(position: number, outcome: string, count?: number): void;
  /** The position after the last own record. */
  lastEnd(): number;
  /** Own records that wait, or wait to be told by one that stands for them. */
  left(): number;
  /** Records of others that were settled here. */
  others(): number;
}

const ITSELF: Standing = { records: 1, as: "delivered" };

/** Adds outcomes to a tally. Holds one number a waiting record. */
export function ledger(tally: Tally): Ledger {
  let ends: number[] = [];
  let first = 0;
  let others = 0;
  let lastEnd = 0;
  let left = 0;
  /** By the position after them, the lines that stand for others. */
  const standings = new Map<number, Standing>();

  /** A line of one's own had this outcome. */
  function settleOwn(end: number, outcome: string): void {
    const { records, as } = standings.get(end) ?? ITSELF;
    standings.delete(end);
    left -= records;
    tally.add(as === ITSELF.as || outcome === "refused" ? outcome : as, records);
  }

  return {
    appended(more, lines = []) {
      // Forgets what is settled, now and then, so that a long run holds only what waits.
      if (first > ends.length / 2) {
        ends = ends.slice(first);
        first = 0;
      }
      more.forEach((end, i) => {
        const standing = lines[i] ?? ITSELF;
        if (standing.as !== ITSELF.as) standings.set(end, standing);
        ends.push(end);
        left += standing.records;
      });
      lastEnd = ends.at(-1) ?? lastEnd;
    },
    settled(position, outcome, count) {
      const before = first;
      while (first < ends.length && ends[first]! <= position) settleOwn(ends[first++]!, outcome);
      if (count !== undefined) others += count - (first - before);
    },
    lastEnd: () => lastEnd,
    left: () => left,
    others: () => others,
  };
}
