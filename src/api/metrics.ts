import { Counter, Gauge, Registry } from "prom-client";
import type { View } from "../distribution/counts.ts";
import type { Answers } from "./answers.ts";
import type { LiveStream } from "./live-stream.ts";

/** Categories whose share has a series of its own: those with the most events since the start, which hardly changes. */
const CATEGORIES_MAX = 20;
const VIEWS: readonly View[] = ["recent", "all"];

/** Gauges without labels, and what they are. */
const NUMBERS = {
  connected: "1 while the source is connected.",
  stream_timestamp_seconds: "Stream time, s since the Unix epoch.",
  stale_seconds: "Wall seconds since stream time last moved.",
  silence_seconds: "Seconds of stream time since the newest event.",
  event_rate_per_second: "Events a second over the window of gaps: 1 / mean gap.",
  mean_gap_seconds: "Mean time between events in the window.",
  window_gaps: "Gaps in the window.",
  window_seconds: "Length of the window.",
  usual_rate_per_second: "Events a second that are usual, as the detector of rates knows.",
  categories: "Categories that have events.",
} as const;

export interface Metrics {
  readonly contentType: string;
  /** All of it in Prometheus' text format. */
  text(): Promise<string>;
  /** Counts a request by its route and status. */
  answered(route: string, status: number): void;
}

/**
 * What Prometheus is told: base units, names after its rules, and labels that a stream cannot multiply. What is unknown
 * has no sample. https://prometheus.io/docs/practices/naming/
 */
export function metricsOf(live: LiveStream, answers: Answers): Metrics {
  const registry = new Registry();
  const instruments = instrumentsIn(registry);
  return {
    contentType: registry.contentType,
    text() {
      collect(instruments, live, answers);
      return registry.metrics();
    },
    answered: (route, status) => instruments.requests.inc({ route, status: String(status) }),
  };
}

type Instruments = ReturnType<typeof instrumentsIn>;

function instrumentsIn(registry: Registry) {
  const registers = [registry];
  const gauge = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Gauge({ name: `rsvpulse_${name}`, help, labelNames: [...labelNames], registers });
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Counter({ name: `rsvpulse_${name}`, help, labelNames: [...labelNames], registers });
  const names = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
  return {
    requests: counter("api_requests_total", "Requests that were answered.", ["route", "status"]),
    listeners: gauge("api_listeners", "Connections to /events."),
    storeUp: gauge("store_up", "1 while the store answers, or standard input is read."),
    events: counter("events_total", "Events that came since the API began, of any category and of none."),
    alerts: counter(
      "alerts_total",
      "Alerts told since the API began: begun, updated, reminded of, resolved.",
      ["alert", "state"],
    ),
    numbers: new Map(names.map((name) => [name, gauge(name, NUMBERS[name])])),
    entropy: gauge("entropy_bits", "Entropy of the categories' shares (plug-in).", ["over"]),
    counted: gauge("counted_events", "Events with a category that the counts weigh.", ["over"]),
    share: gauge("category_share", `Recent share of the ${CATEGORIES_MAX} largest categories.`, ["category"]),
  };
}

function collect(instruments: Instruments, live: LiveStream, answers: Answers): void {
  const { storeUp, listeners, events, alerts, numbers, entropy, counted, share } = instruments;
  storeUp.set(live.isAway ? 0 : 1);
  listeners.set(live.hub.size);
  // What is unknown now would be told as it was, or as nought.
  for (const number of numbers.values()) number.remove();
  for (const labelled of [alerts, entropy, counted, share]) labelled.reset();
  events.reset();
  events.inc(live.events);
  for (const { alert, state, count } of live.alerts.counts) alerts.inc({ alert, state }, count);
  if (live.isAway || live.health().t === null) return;
  collectNumbers(instruments, live, answers);
  for (const over of VIEWS) {
    const spread = answers.spread(over);
    if (spread.entropy !== null) entropy.set({ over }, spread.entropy);
    if (spread.n !== null) counted.set({ over }, spread.n);
  }
  collectShares(instruments, answers);
}

function collectNumbers({ numbers }: Instruments, live: LiveStream, answers: Answers): void {
  const { t, silence, avg, rate, count, window } = live.record();
  const { connected, age } = live.health();
  const values: Readonly<Record<keyof typeof NUMBERS, number | null>> = {
    connected: connected === null ? null : Number(connected),
    stream_timestamp_seconds: t / 1000,
    stale_seconds: age,
    silence_seconds: silence,
    event_rate_per_second: rate,
    mean_gap_seconds: avg,
    window_gaps: count,
    window_seconds: window,
    usual_rate_per_second: live.usual,
    categories: answers.spread("all").categories,
  };
  for (const [name, number] of numbers) {
    const value = values[name];
    if (value !== null) number.set(value);
  }
}

function collectShares({ share }: Instruments, answers: Answers): void {
  const recent = answers.weights("recent");
  const whole = [...recent.values()].reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) return;
  const largest = [...answers.weights("all")].sort(([, a], [, b]) => b - a).slice(0, CATEGORIES_MAX);
  for (const [category] of largest) share.set({ category }, (recent.get(category) ?? 0) / whole);
}
