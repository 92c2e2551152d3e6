import { type DistributionRecord, distributionExample, type SpreadFields } from "./distribution.ts";
import { type RateRecord, rateExample, type WindowFields } from "./rate.ts";

/** How fast events come and where they come from, in one poll: the fields of a rate and of a distribution. */
export interface StatsRecord extends RateRecord, DistributionRecord {
  /** Events that were not fresh in those seconds; null when unknown. */
  readonly late: number | null;
}

/** Where a stream stands, as a record tells it. */
export type StandingFields = Pick<StatsRecord, "t" | "stream" | "silence" | "connected" | "stale">;
/** What a record tells of the events of some seconds. */
export type EventFields = Pick<StatsRecord, "events" | "seconds" | "late" | "byKey" | "examples">;

/** A record of its parts. */
export function statsRecord(
  { t, stream, silence, connected, stale }: StandingFields,
  {
    window,
    events: { events, seconds, late, byKey, examples },
    spread,
  }: { readonly window: WindowFields; readonly events: EventFields; readonly spread: SpreadFields },
): StatsRecord {
  const { avg, rate, count, window: length } = window;
  const { entropy, entropyCorrected, n, categories } = spread;
  return {
    ...{ t, stream, avg, rate, count, window: length, events, seconds, late, silence, connected, stale },
    ...{ entropy, entropyCorrected, n, categories, byKey, ...examplesPart(examples) },
  };
}

/** What of a record is about the rate. */
export function ratePart(record: StatsRecord): RateRecord {
  const { t, stream, avg, rate, count, window, events, seconds, late, silence, connected, stale } = record;
  return { t, stream, avg, rate, count, window, events, seconds, late, silence, connected, stale };
}

/** What of a record is about the distribution. */
export function distributionPart(record: StatsRecord): DistributionRecord {
  const { t, stream, entropy, entropyCorrected, n, categories, byKey, seconds, examples } = record;
  const fields = { t, stream, entropy, entropyCorrected, n, categories, byKey, seconds };
  return { ...fields, ...examplesPart(examples) };
}

/** A record without examples has no such field. */
const examplesPart = (examples: EventFields["examples"] = []): Pick<EventFields, "examples"> =>
  examples.length > 0 ? { examples } : {};

export const statsExample: StatsRecord = statsRecord(rateExample, {
  window: rateExample,
  events: { ...rateExample, ...distributionExample, late: 0 },
  spread: distributionExample,
});
