import { type DistributionRecord, distributionExample } from "./distribution.ts";
import { type RateRecord, rateExample } from "./rate.ts";

/** How fast events come and where they come from, in one poll: the fields of a rate and of a distribution. */
export interface StatsRecord extends RateRecord, DistributionRecord {
  /** Events that were not fresh in those seconds; null when unknown. */
  readonly late: number | null;
}

export const statsExample: StatsRecord = { ...rateExample, late: 0, ...distributionExample };
