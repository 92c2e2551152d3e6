export const ALERT_KINDS = ["rate", "shift", "silence", "blind", "threshold", "unusual"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export type AlertState = "firing" | "update" | "reminder" | "resolved";

/** A category and the share of the change that it carries, 0 to 1. */
export interface Cause {
  readonly category: string;
  readonly share: number;
}

/** An event that shows what an alert is about. */
export interface Example {
  readonly id: string | null;
  readonly text: string;
  readonly url: string | null;
}

/** A chapter of an episode: it began, grew, lasts or ended. */
export interface AlertRecord {
  /** Stream time of the decision, ms since the Unix epoch; when blind, plus how long it has been standing still. */
  readonly t: number;
  readonly stream: string;
  readonly alert: AlertKind;
  readonly state: AlertState;
  /** `{stream}-{alert}-{since}`: the same through the whole episode. */
  readonly id: string;
  /** When the change began, ms since the Unix epoch. */
  readonly since: number;
  /** Seconds from `since` to `t`. */
  readonly duration: number;
  readonly direction?: "up" | "down";
  /** The field that a threshold watches. */
  readonly field?: string;
  readonly value: number | null;
  readonly baseline: number | null;
  readonly score: number | null;
  readonly threshold: number | null;
  /** Of `resolved`: why it ended. */
  readonly reason?: "returned" | "new-normal" | "blind";
  readonly why: readonly Cause[];
  /** Up to three. */
  readonly examples: readonly Example[];
  /** One sentence for a person; numbers have units. */
  readonly text: string;
}

export const alertExample: AlertRecord = {
  t: 1489926600000,
  stream: "meetup-rsvps",
  alert: "threshold",
  state: "firing",
  id: "meetup-rsvps-threshold-1489926590000",
  since: 1489926590000,
  duration: 10,
  direction: "down",
  field: "avg",
  value: 0.34,
  baseline: 0.74,
  score: 0.34,
  threshold: 0.37,
  why: [],
  examples: [],
  text: "meetup-rsvps: the mean gap is 0.34 s, below 0.37 s for 10 s (0.74 s is usual).",
};
