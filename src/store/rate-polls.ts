import { secondOf } from "../core/stream-time.ts";
import type { CompletedSecond } from "../rate/gap-window.ts";
import { meanAndRate, type RateRecord } from "../records/rate.ts";
import type { Reading } from "./store.ts";

/** Events released, and in how many connected seconds of stream time. */
type Released = Pick<RateRecord, "events" | "seconds">;

/** The completed seconds of a reading as one count. */
export function releasedIn(completed: readonly CompletedSecond[]): Released {
  let events = 0;
  let seconds = 0;
  for (const second of completed) {
    events += second.events;
    if (second.connected) seconds++;
  }
  return { events, seconds };
}

/** A reading as the record of one poll; `released` is what it adds to the poll before. */
export function rateOf(stream: string, reading: Reading, released: Released): RateRecord {
  const { time, count, sumMicros, ttl, newest, connected, stale } = reading;
  return {
    t: time,
    stream,
    ...meanAndRate(sumMicros / 1e6, count),
    count,
    window: ttl,
    ...released,
    silence: silenceAt(time, newest),
    connected,
    stale,
  };
}

/**
 * One record for each completed second of a reading, as a poll at its end would have told it, but the last is told
 * as of now. A reading without any gives one record of now, of no seconds.
 *
 * @param newest greatest event time known before the first of them, ms.
 */
export function ratesOf(stream: string, reading: Reading, newest: number | undefined): RateRecord[] {
  const { completed, ttl } = reading;
  let latest = newest;
  const earlier = completed.slice(0, -1).map((second): RateRecord => {
    const t = (second.second + 1) * 1000;
    if (second.newest !== undefined) latest = Math.max(latest ?? second.newest, second.newest);
    return {
      t,
      stream,
      ...meanAndRate(second.sumMicros / 1e6, second.count),
      count: second.count,
      window: ttl,
      ...releasedIn([second]),
      silence: silenceAt(t, latest),
      connected: second.connected,
      stale: 0,
    };
  });
  return [...earlier, rateOf(stream, reading, releasedIn(completed.slice(-1)))];
}

const silenceAt = (time: number, newest: number | undefined): number | null =>
  newest === undefined ? null : Math.max(0, Math.round(time - newest) / 1000);

/** A poll that goes on: what it asks for, and what its answers say since the one before. */
export interface RatePoll {
  /** The first completed second that no record has told; undefined before the first answer. */
  readonly from: number | undefined;
  answer(reading: Reading): RateRecord;
  /** The store is away, or has forgotten the stream: what is known then. undefined before the first answer. */
  silence(): RateRecord | undefined;
}

/** @param elapsed a clock that only goes forward, ms. Holds one reading. */
export function ratePoll(stream: string, elapsed: () => number): RatePoll {
  let last: { readonly reading: Reading; readonly at: number } | undefined;
  let from: number | undefined;
  return {
    get from() {
      return from;
    },
    answer(reading) {
      const current = secondOf(reading.time);
      // Stream time before what was told already: the store was emptied and begins anew.
      const known = from !== undefined && current >= from;
      const released = known ? releasedIn(reading.completed) : { events: 0, seconds: 0 };
      from = current;
      last = { reading, at: elapsed() };
      return rateOf(stream, reading, released);
    },
    silence() {
      if (last === undefined) return undefined;
      return {
        t: last.reading.time,
        stream,
        avg: null,
        rate: null,
        count: null,
        window: last.reading.ttl,
        events: null,
        seconds: 0,
        silence: null,
        connected: false,
        stale: Math.round(last.reading.stale * 1000 + elapsed() - last.at) / 1000,
      };
    },
  };
}
