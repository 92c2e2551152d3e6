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
  /** Gaps in the window; null when the store is away. */
  readonly count: number | null;
  /** Length of the window, s. */
  readonly window: number | null;
  /** Gaps released in the whole seconds of stream time completed since the record before; null when unknown. */
  readonly events: number | null;
  /** How many seconds those are, connected ones only. */
  readonly seconds: number;
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

/** The mean of a window and its inverse, rounded to a tenth of a microsecond so that lines stay short. */
export function meanAndRate(sumSeconds: number, count: number): Pick<RateRecord, "avg" | "rate"> {
  if (count === 0) return { avg: null, rate: null };
  const avg = sumSeconds / count;
  return { avg: tenFigures(avg), rate: avg === 0 ? null : tenFigures(1 / avg) };
}
