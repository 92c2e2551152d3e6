import { type DistributionRecord, distributionExample } from "./distribution.ts";
import { type RateRecord, rateExample } from "./rate.ts";

/** How fast events come and where they come from, in one poll: the fields of a rate and of a distribution. */
export interface StatsRecord extends RateRecord, DistributionRecord {
  /** Events that were not fresh in those seconds; null when unknown. */
  readonly late: number | null;
}

/** A record's part about the rate. */
export function ratePart(record: StatsRecord): RateRecord {
  const { t, stream, avg, rate, count, window, events, seconds, late, silence, connected, stale } = record;
  return { t, stream, avg, rate, count, window, events, seconds, late, silence, connected, stale };
}

/** A record's part about the distribution. */
export function distributionPart(record: StatsRecord): DistributionRecord {
  const { t, stream, entropy, entropyCorrected, n, categories, byKey, seconds } = record;
  return { t, stream, entropy, entropyCorrected, n, categories, byKey, seconds };
}

const { t, stream, avg, rate, count, window, events, seconds, silence, connected, stale } = rateExample;
const { entropy, entropyCorrected, n, categories, byKey } = distributionExample;

export const statsExample: StatsRecord = {
  ...{ t, stream, avg, rate, count, window, events, seconds, late: 0, silence, connected, stale },
  ...{ entropy, entropyCorrected, n, categories, byKey },
};
