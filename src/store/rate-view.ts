import type { CompletedSecond } from "../rate/gap-window.ts";
import { type RateRecord, silenceAt, windowFields } from "../records/rate.ts";
import type { PollView } from "./poll-view.ts";
import type { Reading, Store } from "./store.ts";

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
function rateOf(stream: string, reading: Reading, released: Released): RateRecord {
  const { time, newest, connected, stale } = reading;
  const silence = silenceAt(time, newest);
  return { t: time, stream, ...windowFields(reading), ...released, silence, connected, stale };
}

function ratesOf(stream: string, reading: Reading, newest: number | undefined): RateRecord[] {
  const { completed, ttl } = reading;
  let latest = newest;
  const earlier = completed.slice(0, -1).map((second): RateRecord => {
    const t = (second.second + 1) * 1000;
    if (second.newest !== undefined) latest = Math.max(latest ?? second.newest, second.newest);
    return {
      t,
      stream,
      ...windowFields({ ...second, ttl }),
      ...releasedIn([second]),
      silence: silenceAt(t, latest),
      connected: second.connected,
      stale: 0,
    };
  });
  return [...earlier, rateOf(stream, reading, releasedIn(completed.slice(-1)))];
}

/** The window that redis-insert keeps, as avg tells it. */
export const rateView = (store: Pick<Store, "read" | "streams">): PollView<Reading, RateRecord> => ({
  kind: "avg",
  branches: ["gaps"],
  fallsBack: 0,
  streams: () => store.streams("gaps"),
  read: (request) => store.read(request),
  standing: (reading) => reading,
  now: (stream, reading) => rateOf(stream, reading, releasedIn(reading.completed)),
  each: ratesOf,
  away: (stream, { time, ttl }, stale) => ({
    t: time,
    stream,
    avg: null,
    rate: null,
    count: null,
    window: ttl,
    events: null,
    seconds: 0,
    silence: null,
    connected: false,
    stale,
  }),
});
