import { formatNumber, formatSpan } from "../core/spans.ts";
import { formatCount, type Tally } from "../core/tally.ts";

/** The rate is that of the last seconds: so many at most, and looked at so often, ms. */
const RATE_MS = 10_000;
const SAMPLE_MS_MIN = 500;
/** Why messages are not events, in the order in which it is told. */
const DROPPED = ["bad", "filtered", "before", "repeats", "ahead"] as const;

/** What ingest is doing just now, for a status line and for log records. */
export interface LiveStatus {
  connected(): void;
  lost(): void;
  /** An event of this time was sent on, ms since the Unix epoch. */
  sent(t: number): void;
  /** The source has nothing of so many seconds that it was asked for. */
  missing(seconds: number): void;
  /** True while the source is connected. */
  readonly isConnected: boolean;
  /** `meetup-rsvps: connected for 3 min, 0.4 s behind, 10.2 events/s, 1,234 events; dropped: 3 bad; from http://127.0.0.1:8181/2/rsvps`. */
  text(): string;
  facts(): Readonly<Record<string, unknown>>;
}

export interface LiveStatusOptions {
  readonly stream: string;
  /** As it may be told. */
  readonly url: string;
  readonly tally: Tally;
  readonly clock: { now(): number; elapsed(): number };
}

/** Keeps counts of the last ten seconds, at most twenty. */
export function liveStatus({ stream, url, tally, clock }: LiveStatusOptions): LiveStatus {
  let isConnected = false;
  /** Since when it is connected, or not. */
  let since = clock.elapsed();
  let newest: number | undefined;
  const missing = { stretches: 0, seconds: 0 };
  let samples = [{ time: since, events: 0 }];

  /** Events a second since the oldest look, at most ten seconds ago. */
  function rate(): number {
    const time = clock.elapsed();
    const events = tally.count("events");
    samples = samples.filter((sample, i) => time - sample.time <= RATE_MS || i === samples.length - 1);
    const oldest = samples[0]!;
    const per = ((events - oldest.events) * 1000) / Math.max(1, time - oldest.time);
    if (time - samples.at(-1)!.time >= SAMPLE_MS_MIN) samples.push({ time, events });
    return per;
  }
  const turn = (to: boolean) => {
    isConnected = to;
    since = clock.elapsed();
  };
  const lasted = () => (clock.elapsed() - since) / 1000;
  /** s from the newest event to now; a clock that is behind makes it 0. */
  const behind = () => (newest === undefined ? undefined : Math.max(0, clock.now() - newest) / 1000);
  const dropped = () =>
    DROPPED.map((why) => [why, tally.count(why)] as const).filter(([, count]) => count > 0);

  return {
    connected: () => turn(true),
    lost: () => turn(false),
    sent(t) {
      newest = Math.max(newest ?? t, t);
    },
    missing(seconds) {
      missing.stretches++;
      missing.seconds += seconds;
    },
    get isConnected() {
      return isConnected;
    },
    text() {
      const lag = behind();
      const whole = [
        `${isConnected ? "connected" : "not connected"} for ${formatSpan(Math.round(lasted()))}`,
        ...(lag === undefined ? [] : [`${formatSpan(lag)} behind`]),
        `${formatNumber(rate())} events/s`,
        `${formatCount(tally.count("events"))} events`,
        ...(missing.stretches === 0 ? [] : [`${formatSpan(missing.seconds)} missing`]),
      ].join(", ");
      const left = dropped().map(([why, count]) => `${formatCount(count)} ${why}`);
      // A terminal cuts off what is longest, and known.
      return `${stream}: ${whole}${left.length === 0 ? "" : `; dropped: ${left.join(", ")}`}; from ${url}`;
    },
    facts() {
      const lag = behind();
      return {
        stream,
        url,
        connected: isConnected,
        since: new Date(clock.now() - lasted() * 1000).toISOString(),
        behind: lag === undefined ? null : thousandths(lag),
        rate: thousandths(rate()),
        events: tally.count("events"),
        dropped: Object.fromEntries(dropped()),
        ...(missing.stretches > 0 && { missing: { ...missing, seconds: thousandths(missing.seconds) } }),
      };
    },
  };
}

const thousandths = (value: number): number => Math.round(value * 1000) / 1000;
