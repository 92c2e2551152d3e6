import type { Health, History, ServerEvents, Shares } from "../api/wire.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { StatsRecord } from "../records/stats.ts";
import { ALERTS_MAX, type Episode, episodesOf, withAlert } from "./episodes.ts";
import { append, emptySeries, newest, rateNow, type Series, seriesOf } from "./series.ts";

/** The page's line to the API: not yet open, open, or lost and tried again. */
export type Link = "connecting" | "open" | "lost";

/** All that the page knows; it grows no further than an hour, 200 alerts, and one of everything else. */
export interface PageState {
  link: Link;
  health: Health | undefined;
  /** undefined until the API has told a history. */
  stream: string | undefined;
  /** What one event is called. */
  noun: string;
  series: Series;
  /** Events a second that are usual now; null while unknown. */
  usual: number | null;
  stats: StatsRecord | undefined;
  shares: Shares | undefined;
  /** Newest first. */
  alerts: readonly AlertRecord[];
  episodes: readonly Episode[];
}

/** What the page knows before anything has come. */
export const initialState = (): PageState => ({
  link: "connecting",
  health: undefined,
  stream: undefined,
  noun: "event",
  series: emptySeries(),
  usual: null,
  stats: undefined,
  shares: undefined,
  alerts: [],
  episodes: [],
});

/** What the API answers when asked for everything. */
export interface Loaded {
  readonly history: History;
  readonly stats?: StatsRecord | undefined;
  readonly shares: Shares | undefined;
  readonly alerts: readonly AlertRecord[];
}

/** Replaces what was known by what the API says. */
export function applyLoaded(state: PageState, { history, stats, shares, alerts }: Loaded): void {
  if (stats !== undefined || state.stream !== history.stream) state.stats = stats;
  state.stream = history.stream;
  state.noun = history.noun;
  state.series = seriesOf(history);
  state.usual = newest(history.usual);
  state.shares = shares;
  state.alerts = alerts.slice(0, ALERTS_MAX);
  state.episodes = episodesOf(state.alerts);
}

/** A second was completed. */
export function applyStats(state: PageState, record: StatsRecord): void {
  state.stats = record;
  append(state.series, record, state.usual);
}

/** What is usual is known anew. */
export function applyUsual(state: PageState, { rate }: ServerEvents["usual"]): void {
  state.usual = rate;
}

/** Shares are known anew. */
export function applyShares(state: PageState, shares: Shares): void {
  state.shares = shares;
}

/** Takes an alert in; false when it was there already. */
export function applyAlert(state: PageState, alert: AlertRecord): boolean {
  const alerts = withAlert(state.alerts, alert);
  if (alerts === state.alerts) return false;
  state.alerts = alerts;
  state.episodes = episodesOf(alerts);
  return true;
}

/** How long stream time may stand still, s, before it is told from a poll that comes a little late. */
const STALE_MIN = 5;

/** The time at the right edge of the charts, s: stream time, and how long it has been standing still. */
export function edgeOf({ series, stats, health }: PageState): number {
  const last = series.seconds.at(-1) ?? 0;
  const stale = Math.max(stats?.stale ?? 0, health?.status === "blind" ? (health.age ?? 0) : 0);
  return stale >= STALE_MIN ? Math.max(last, Math.floor((stats?.t ?? last * 1000) / 1000 + stale)) : last;
}

/** Rate now and usual, events a second. */
export const ratesOf = (
  state: PageState,
): { readonly now: number | null; readonly usual: number | null } => ({
  now: rateNow(state.series, edgeOf(state)),
  usual: state.usual,
});

/** The name of a category, where the shares know it. */
export function nameOf({ shares }: PageState, key: string): string {
  return shares?.categories.find((category) => category.key === key)?.name ?? key;
}
