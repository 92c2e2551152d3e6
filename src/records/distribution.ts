import { type SampleEvent, sampleEventExample } from "./sample-event.ts";

/** Where events come from, as a poll of the counts sees it. */
export interface DistributionRecord {
  /** Stream time, ms since the Unix epoch. */
  readonly t: number;
  readonly stream: string;
  /** Entropy of the categories' shares, bits (plug-in); null when nothing was counted, or the store is away. */
  readonly entropy: number | null;
  /** The same, corrected for small samples (Miller and Madow); null below 5 events a category. */
  readonly entropyCorrected: number | null;
  /** Effective number of events: of `recent`, each weighs half as much for every hour of its age. */
  readonly n: number | null;
  /** Categories that weigh something. */
  readonly categories: number | null;
  /** Fresh events of each category in the whole seconds of stream time completed since the record before. */
  readonly byKey: Readonly<Record<string, number>>;
  /** How many seconds those are, connected ones only. */
  readonly seconds: number;
  /** A few of their fresh events, at most three, the newest last; left out where there are none. */
  readonly examples?: readonly SampleEvent[];
}

/** What a record tells of the totals. */
export type SpreadFields = Pick<DistributionRecord, "entropy" | "entropyCorrected" | "n" | "categories">;

/** Of totals that nobody knows. */
export const UNKNOWN_SPREAD: SpreadFields = {
  entropy: null,
  entropyCorrected: null,
  n: null,
  categories: null,
};

export const distributionExample: DistributionRecord = {
  t: 1489926600000,
  stream: "meetup-rsvps",
  entropy: 4.481,
  entropyCorrected: 4.523,
  n: 642,
  categories: 38,
  byKey: { CA: 1, NY: 1 },
  seconds: 1,
  examples: [sampleEventExample],
};
