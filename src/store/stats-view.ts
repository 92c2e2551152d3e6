import type { View } from "../distribution/counts.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { PollView } from "./poll-view.ts";
import { awayOf, leaderOf, type StatsReading, statsOf, statsOfEach } from "./stats-polls.ts";
import type { Branch, CountStore, CountsReading, Reading, Store } from "./store.ts";

/** A branch whose stream time lags that of the other by more than this has stopped, s. */
const LAG_SECONDS_MAX = 15;

export interface StatsViewOptions<Told> {
  /** The branches to ask. */
  readonly branches: readonly Branch[];
  /** The view whose entropy is told; undefined: none, which is quicker. */
  readonly over: View | undefined;
  /** Views whose totals are read besides. */
  readonly totals?: readonly View[];
  /** What is told of a record. */
  readonly part: (record: StatsRecord) => Told;
}

/**
 * Rate and distribution of a stream, from both branches of the store in one round trip.
 *
 * The window's fields go by redis-insert's stream time; all others by insert-distribution's, where it runs, else by
 * redis-insert's. A branch that lags by more than 15 s is as good as not there. Seconds are told by stream time,
 * whichever branch knows of them, so none is told twice when one takes over from the other.
 */
export function statsView<Told>(
  store: Pick<Store, "read" | "streams"> & Pick<CountStore, "readCounts">,
  { branches, over, totals = [], part }: StatsViewOptions<Told>,
): PollView<StatsReading, Told> {
  const views = [...new Set(over === undefined ? totals : [over, ...totals])];
  const asks = (branch: Branch) => branches.includes(branch);
  return {
    kind: "stats",
    branches,
    fallsBack: LAG_SECONDS_MAX,
    async streams() {
      const names = await Promise.all(branches.map((branch) => store.streams(branch)));
      return [...new Set(names.flat())].sort();
    },
    async read(request) {
      const [gaps, counts] = await Promise.all([
        asks("gaps") ? store.read(request) : undefined,
        asks("counts") ? store.readCounts({ ...request, views }) : undefined,
      ]);
      return running(gaps, counts);
    },
    standing: leaderOf,
    now: (stream, reading) => part(statsOf(stream, reading, over)),
    each: (stream, reading, newest) => statsOfEach(stream, reading, { newest, over }).map(part),
    away: (stream, last, stale) => part(awayOf(stream, last, stale)),
    remark(stream, { gaps, counts }) {
      const stopped = (tool: string, fields: string) =>
        `${tool} has stored nothing of stream ${stream} lately, so ${fields} are unknown; is it running?`;
      if (asks("gaps") && gaps === undefined) return stopped("redis-insert", "avg, rate and count");
      if (asks("counts") && counts === undefined) {
        return stopped("insert-distribution", "entropy, byKey and late");
      }
      return undefined;
    },
  };
}

/** Leaves out what has stopped; undefined where nothing was stored at all. */
function running(gaps: Reading | undefined, counts: CountsReading | undefined): StatsReading | undefined {
  const ahead = gaps !== undefined && counts !== undefined ? (counts.time - gaps.time) / 1000 : 0;
  if (counts !== undefined && ahead >= -LAG_SECONDS_MAX) {
    return { lead: "counts", gaps: ahead > LAG_SECONDS_MAX ? undefined : gaps, counts };
  }
  return gaps && { lead: "gaps", gaps, counts: undefined };
}
