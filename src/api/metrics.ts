import { Counter, Gauge, Registry } from "prom-client";
import type { View } from "../distribution/counts.ts";
import type { Answers } from "./answers.ts";
import type { LiveStream } from "./live-stream.ts";

/** Categories whose share has a series of its own: those with the most events since the start, which hardly changes. */
const CATEGORIES_MAX = 20;
const VIEWS: readonly View[] = ["recent", "all"];

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
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `rsvpulse_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const requests = new Counter({
    name: "rsvpulse_api_requests_total",
    help: "Requests that were answered, by route and status.",
    labelNames: ["route", "status"],
    registers: [registry],
  });
  const alerts = new Counter({
    name: "rsvpulse_alerts_total",
    help: "Chapters of alerts that the API has seen, by kind and state.",
    labelNames: ["alert", "state"],
    registers: [registry],
  });
  const listeners = gauge("api_listeners", "Connections to /events.");
  const storeUp = gauge("store_up", "1 while the store answers, or standard input is read.");
  const numbers = {
    connected: gauge("connected", "1 while the source is connected."),
    time: gauge("stream_time_seconds", "Stream time, s since the Unix epoch."),
    age: gauge("stale_seconds", "Wall seconds since stream time last moved."),
    silence: gauge("silence_seconds", "Seconds of stream time since the newest event."),
    rate: gauge("event_rate_per_second", "Events a second over the window of gaps: 1 / mean gap."),
    gap: gauge("mean_gap_seconds", "Mean time between events in the window."),
    gaps: gauge("window_gaps", "Gaps in the window."),
    window: gauge("window_seconds", "Length of the window."),
    usual: gauge("usual_rate_per_second", "Events a second that are usual, as the detector of rates knows."),
    categories: gauge("categories", "Categories that have events."),
  };
  const entropy = gauge("entropy_bits", "Entropy of the categories' shares (plug-in).", ["over"]);
  const counted = gauge("counted_events", "Events that the counts weigh.", ["over"]);
  const share = gauge("category_share", `Recent share of the ${CATEGORIES_MAX} largest categories.`, [
    "category",
  ]);

  function collect(): void {
    const health = live.health();
    storeUp.set(health.status === "away" ? 0 : 1);
    listeners.set(live.hub.size);
    // What is unknown now would be told as it was, or as nought.
    for (const number of Object.values(numbers)) number.remove();
    for (const labelled of [alerts, entropy, counted, share]) labelled.reset();
    for (const { alert, state, count } of live.alerts.counts) alerts.inc({ alert, state }, count);
    if (health.status === "away" || health.t === null) return;
    collectStream();
  }

  function collectStream(): void {
    const { t, silence, avg, rate, count, window } = live.record();
    const { connected, age } = live.health();
    const values = {
      connected: connected === null ? null : Number(connected),
      ...{ time: t / 1000, age, silence, rate, gap: avg, gaps: count, window, usual: live.usual },
      categories: answers.spread("all").categories,
    };
    for (const [name, value] of Object.entries(values)) {
      if (value !== null) numbers[name as keyof typeof numbers].set(value);
    }
    for (const over of VIEWS) {
      const spread = answers.spread(over);
      if (spread.entropy !== null) entropy.set({ over }, spread.entropy);
      if (spread.n !== null) counted.set({ over }, spread.n);
    }
    collectShares();
  }

  function collectShares(): void {
    const recent = answers.weights("recent");
    const whole = [...recent.values()].reduce((sum, weight) => sum + weight, 0);
    if (whole === 0) return;
    const largest = [...answers.weights("all")].sort(([, a], [, b]) => b - a).slice(0, CATEGORIES_MAX);
    for (const [category] of largest) share.set({ category }, (recent.get(category) ?? 0) / whole);
  }

  return {
    contentType: registry.contentType,
    text() {
      collect();
      return registry.metrics();
    },
    answered: (route, status) => requests.inc({ route, status: String(status) }),
  };
}
