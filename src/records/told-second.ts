import type { StatsRecord } from "./stats.ts";

/** What is known of the newest completed second, as whoever follows a stream tells it. */
export interface ToldSecond {
  /** The second, since the Unix epoch; the same again when nothing more was completed. */
  readonly second: number;
  readonly record: StatsRecord;
  /** What was usual of the rate then, events a second; undefined while that is unknown. */
  readonly usual: number | undefined;
}
