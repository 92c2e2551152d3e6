import type { StatsRecord } from "./stats.ts";

/** What is known of the newest completed second, as whoever follows a stream tells it. */
export interface ToldSecond {
  /** The second, since the Unix epoch; the same again when nothing more was completed. */
  readonly second: number;
  readonly record: StatsRecord;
  /** What was usual of the rate then, events a second; undefined while that is unknown. */
  readonly usual: number | undefined;
  /** Since when things were out of the ordinary then, ms since the Unix epoch; undefined while all was as usual. */
  readonly unusualSince?: number | undefined;
  /** Since when things were so that they counted as usual, after a change that had come to stay, ms. */
  readonly usualFrom?: number | undefined;
}
