import { tenFigures } from "../core/figures.ts";

/** How fast events come, as a poll of the window sees it. */
export interface RateRecord {
  /** Stream time, ms since the Unix epoch. */
  readonly t: number;
  readonly stream: string;
  /** Mean gap in the window, s; null when it holds none. */
  readonly avg: number | null;
  /** 1/avg, events per second; null when avg is null or 0. */
  readonly rate: number | null;
  /** Gaps in the window; null when unknown. */
  readonly count: number | null;
  /** Length of the window, s; null when unknown. */
  readonly window: number | null;
  /**
   * In the whole seconds of stream time completed since the record before, from avg the gaps released, from stats the
   * fresh events of every category and of none; null when unknown.
   */
  readonly events: number | null;
  /** How many seconds those are, connected ones only. */
  readonly seconds: number;
  /** From stats: the events in those seconds that were not fresh; null when unknown. */
  readonly late?: number | null;
  /** Seconds of stream time since the newest event; null when there was none. */
  readonly silence: number | null;
  /** The source is connected, and the store answers. */
  readonly connected: boolean;
  /** Wall seconds since stream time last moved. */
  readonly stale: number;
}

export const rateExample: RateRecord = {
  t: 1489926600000,
  stream: "meetup-rsvps",
  avg: 0.728,
  rate: 1.3736,
  count: 177,
  window: 120,
  events: 2,
  seconds: 1,
  silence: 5.2,
  connected: true,
  stale: 0.4,
};

/** What a record tells of the window itself. */
export type WindowFields = Pick<RateRecord, "avg" | "rate" | "count" | "window">;

/** Of a window that nobody knows. */
export const UNKNOWN_WINDOW: WindowFields = { avg: null, rate: null, count: null, window: null };

/** The mean of a window and its inverse, in ten figures; its number of gaps, and its length, s. */
export function windowFields({
  count,
  sumMicros,
  ttl,
}: {
  readonly count: number;
  readonly sumMicros: number;
  readonly ttl: number;
}): WindowFields {
  if (count === 0) return { avg: null, rate: null, count, window: ttl };
  const avg = sumMicros / 1e6 / count;
  return { avg: tenFigures(avg), rate: avg === 0 ? null : tenFigures(1 / avg), count, window: ttl };
}

/** Seconds from the newest event to `time`, both ms; null when there was none. */
export const silenceAt = (time: number, newest: number | undefined): number | null =>
  newest === undefined ? null : Math.max(0, Math.round(time - newest) / 1000);
