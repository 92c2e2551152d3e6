import { secondOf } from "../core/stream-time.ts";
import type { CountedSecond, View } from "../distribution/counts.ts";
import { FreshCounts } from "../distribution/fresh-counts.ts";
import { spreadOf } from "../distribution/spread.ts";
import type { CompletedSecond } from "../rate/gap-window.ts";
import { UNKNOWN_SPREAD } from "../records/distribution.ts";
import { silenceAt, UNKNOWN_WINDOW, type WindowFields, windowFields } from "../records/rate.ts";
import { type EventFields, type StatsRecord, statsRecord } from "../records/stats.ts";
import { releasedIn } from "./rate-view.ts";
import type { CountsReading, Reading } from "./store.ts";

/** What the branches answered, and which of them leads. One that was not asked, has nothing or has stopped is undefined. */
export type StatsReading =
  | { readonly lead: "gaps"; readonly gaps: Reading; readonly counts: undefined }
  | { readonly lead: "counts"; readonly gaps: Reading | undefined; readonly counts: CountsReading };

/** A completed second, as the leading branch tells it. */
interface ToldSecond {
  readonly second: number;
  readonly connected: boolean;
  /** Greatest event time that is known of it, ms. */
  readonly newest: number | undefined;
  readonly events: EventFields;
}

/** The branch by whose stream time all goes but the window. */
export const leaderOf = (reading: StatsReading): Reading | CountsReading =>
  reading.lead === "counts" ? reading.counts : reading.gaps;

/** A reading as the record of one poll, its completed seconds as one count. */
export function statsOf(stream: string, reading: StatsReading, over: View | undefined): StatsRecord {
  const { lead, gaps, counts } = reading;
  const events = lead === "counts" ? countedOf(counts.completed) : releasedOf(gaps.completed);
  return presentOf(stream, reading, { events, over });
}

/**
 * One record for each completed second, as a poll at its end would have told it, but that the totals of then are not
 * known; the last is told as of now, with them. No second gives one record of now, of no seconds.
 * @param newest greatest event time known before the first of them, ms.
 */
export function statsOfEach(
  stream: string,
  reading: StatsReading,
  { newest, over }: { readonly newest: number | undefined; readonly over: View | undefined },
): StatsRecord[] {
  const seconds = toldSeconds(reading);
  const windowAfter = pastWindows(reading.gaps);
  let latest = newest;
  const earlier = seconds.slice(0, -1).map((told): StatsRecord => {
    const t = (told.second + 1) * 1000;
    if (told.newest !== undefined) latest = Math.max(latest ?? told.newest, told.newest);
    return statsRecord(
      { t, stream, silence: silenceAt(t, latest), connected: told.connected, stale: 0 },
      { window: windowAfter(told.second), events: told.events, spread: UNKNOWN_SPREAD },
    );
  });
  const last = seconds.at(-1)?.events;
  const none = reading.lead === "counts" ? countedOf([]) : releasedOf([]);
  return [...earlier, presentOf(stream, reading, { events: last ?? none, over })];
}

/** What is known while the store is away. */
export function awayOf(stream: string, last: StatsReading, stale: number): StatsRecord {
  return statsRecord(
    { t: leaderOf(last).time, stream, silence: null, connected: false, stale },
    {
      window: { ...UNKNOWN_WINDOW, window: last.gaps?.ttl ?? null },
      events: { events: null, seconds: 0, late: null, byKey: {} },
      spread: UNKNOWN_SPREAD,
    },
  );
}

/** The present, and these events. */
function presentOf(
  stream: string,
  reading: StatsReading,
  { events, over }: { readonly events: EventFields; readonly over: View | undefined },
): StatsRecord {
  const { time, newest, connected, stale } = leaderOf(reading);
  const weights = over === undefined ? undefined : reading.counts?.[over];
  return statsRecord(
    { t: time, stream, silence: silenceAt(time, newest), connected, stale },
    {
      window: reading.gaps === undefined ? UNKNOWN_WINDOW : windowFields(reading.gaps),
      events,
      spread: weights === undefined || over === undefined ? UNKNOWN_SPREAD : spreadOf(weights, over),
    },
  );
}

function toldSeconds({ lead, gaps, counts }: StatsReading): ToldSecond[] {
  if (lead === "gaps") {
    return gaps.completed.map((second) => ({ ...second, events: releasedOf([second]) }));
  }
  return counts.completed.map((cell) => {
    const events = countedOf([cell]);
    // When exactly an event of it happened is not kept: its end, but for the last one's, which is known.
    const latest = Math.min((cell.second + 1) * 1000, counts.newest ?? Number.POSITIVE_INFINITY);
    const { second, connected } = cell;
    return { second, connected, newest: events.events === 0 ? undefined : latest, events };
  });
}

const releasedOf = (completed: readonly CompletedSecond[]): EventFields => ({
  ...releasedIn(completed),
  late: null,
  byKey: {},
});

function countedOf(completed: readonly CountedSecond[]): EventFields {
  const fresh = new FreshCounts();
  let seconds = 0;
  for (const second of completed) {
    fresh.addCell(second);
    if (second.connected) seconds++;
  }
  return { seconds, ...fresh.fields() };
}

/** The window after each completed second; where that is yet to be completed for the window, as it is now. */
function pastWindows(gaps: Reading | undefined): (second: number) => WindowFields {
  if (gaps === undefined) return () => UNKNOWN_WINDOW;
  const { ttl } = gaps;
  const known = new Map(gaps.completed.map((second) => [second.second, windowFields({ ...second, ttl })]));
  const present = windowFields(gaps);
  const current = secondOf(gaps.time);
  return (second) => known.get(second) ?? (second < current ? UNKNOWN_WINDOW : present);
}
