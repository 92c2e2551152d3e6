import { LOOK_BACK_SECONDS_MAX } from "../core/stream-time.ts";
import type { View, Weights } from "../distribution/counts.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { PollView } from "./poll-view.ts";
import { type StatsReading, statsOfEach } from "./stats-polls.ts";
import { statsView } from "./stats-view.ts";
import type { CountStore, Store } from "./store.ts";

/** What a look at a stream gives to who follows it second by second. */
export interface LiveReading {
  readonly stream: string;
  /** One for each second completed since the look before, the last of them as of now; of no seconds where there is none. */
  readonly records: readonly StatsRecord[];
  /** Weights of the categories now; empty while nothing is counted. */
  readonly totals: Readonly<Record<View, Weights>>;
}

const NO_WEIGHTS: Weights = new Map();

/**
 * A stream as statsView has it, but a record a second, and with the totals of both views. The first look goes back an
 * hour. While the store is away it tells nothing.
 */
export function liveView(
  store: Pick<Store, "read" | "streams"> & Pick<CountStore, "readCounts">,
): PollView<StatsReading, LiveReading | undefined> {
  const over = "recent";
  const view = statsView(store, {
    branches: ["gaps", "counts"],
    over,
    totals: ["all", "recent"],
    part: (record) => record,
  });
  const readingOf = (stream: string, reading: StatsReading): LiveReading => ({
    stream,
    records: statsOfEach(stream, reading, { newest: undefined, over }),
    totals: { all: reading.counts?.all ?? NO_WEIGHTS, recent: reading.counts?.recent ?? NO_WEIGHTS },
  });
  return {
    ...view,
    kind: "api",
    lookBack: LOOK_BACK_SECONDS_MAX,
    now: readingOf,
    each: (stream, reading) => [readingOf(stream, reading)],
    away: () => undefined,
  };
}
