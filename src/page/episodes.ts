import type { AlertKind, AlertRecord } from "../records/alert.ts";

/** Alerts that are kept. */
export const ALERTS_MAX = 200;

/** What happened, from its first alert to its last. */
export interface Episode {
  readonly id: string;
  readonly kind: AlertKind;
  readonly direction: "up" | "down" | undefined;
  /** When the change began, ms since the Unix epoch. */
  readonly since: number;
  /** When it ended, ms; undefined while it lasts. */
  readonly end: number | undefined;
  /** The alert that tells most of it: the newest that is not about its end. */
  readonly told: AlertRecord;
  /** The alert that tells its end; undefined while it lasts. */
  readonly over: AlertRecord | undefined;
  /** Stream time of the newest alert, ms. */
  readonly t: number;
}

/**
 * Alerts with one more, newest first, at most 200; the same list when it is there already.
 *
 * Two are one when id, state and time agree, so what is told again after a reconnect counts once.
 */
export function withAlert(alerts: readonly AlertRecord[], alert: AlertRecord): readonly AlertRecord[] {
  const same = (other: AlertRecord) =>
    other.id === alert.id && other.state === alert.state && other.t === alert.t;
  if (alerts.some(same)) return alerts;
  // invariant: sorted by t, descending; nearly always the new one is the newest.
  const place = alerts.findIndex(({ t }) => t <= alert.t);
  const at = place === -1 ? alerts.length : place;
  return [...alerts.slice(0, at), alert, ...alerts.slice(at)].slice(0, ALERTS_MAX);
}

/** The episodes that alerts tell of, newest alert first; improbable events are none. */
export function episodesOf(alerts: readonly AlertRecord[]): Episode[] {
  const byId = new Map<string, AlertRecord[]>();
  for (const alert of alerts) {
    if (alert.alert === "unusual") continue;
    const chapters = byId.get(alert.id);
    if (chapters === undefined) byId.set(alert.id, [alert]);
    else chapters.push(alert);
  }
  return [...byId.values()].map(episodeOf).sort((a, b) => b.t - a.t);
}

/** One episode of its alerts, newest first. */
function episodeOf(chapters: readonly AlertRecord[]): Episode {
  const newest = chapters[0]!;
  const over = newest.state === "resolved" ? newest : undefined;
  const told = chapters.find(({ state }) => state === "firing" || state === "update") ?? newest;
  return {
    id: newest.id,
    kind: newest.alert,
    direction: chapters.find(({ direction }) => direction !== undefined)?.direction,
    since: newest.since,
    end: over === undefined ? undefined : over.t,
    told,
    over,
    t: newest.t,
  };
}

/** The episode that lasts and was told last; undefined while all is as usual. */
export const openEpisode = (episodes: readonly Episode[]): Episode | undefined =>
  episodes.find(({ end }) => end === undefined);

/** The improbable events among alerts, newest first. */
export const improbable = (alerts: readonly AlertRecord[]): AlertRecord[] =>
  alerts.filter(({ alert }) => alert === "unusual");

/** A kind of episode in a word or two, for a mark on the chart and at the head of an entry. */
export function kindOf({ kind, direction }: Pick<Episode, "kind" | "direction">): string {
  switch (kind) {
    case "rate":
      return direction === "down" ? "Slower" : "Faster";
    case "shift":
      return "Shares shift";
    case "silence":
      return "Silence";
    case "blind":
      return "Blind";
    case "threshold":
      return "Threshold passed";
    case "unusual":
      return "Improbable";
  }
}

/** How an episode is drawn: more than usual, less than usual, otherwise than usual, or not seen. */
export type Tone = "up" | "down" | "shift" | "blind";

/** The tone of an episode. */
export function toneOf({ kind, direction, told }: Pick<Episode, "kind" | "direction" | "told">): Tone {
  if (kind === "blind") return "blind";
  if (kind === "silence") return "down";
  if (kind === "shift") return "shift";
  if (kind === "threshold" && told.field !== undefined && /^avg$|^silence$/.test(told.field)) {
    // A shorter mean gap is a faster stream.
    return direction === "down" ? "up" : "down";
  }
  if (kind === "threshold" && told.field !== undefined && !/^(rate|events|count)$/.test(told.field))
    return "shift";
  return direction === "down" ? "down" : "up";
}
