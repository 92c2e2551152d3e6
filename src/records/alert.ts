import { parseObject } from "../core/json-object.ts";

export const ALERT_KINDS = ["rate", "shift", "silence", "blind", "threshold", "unusual"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
const ALERT_STATES = ["firing", "update", "reminder", "resolved"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

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
  /** The field that a threshold watches; of `shift`, the category as a field: `share.TX`. */
  readonly field?: string;
  /** What is so now: of `rate` events a second, of `shift` the share of the category in `field`, else the watched number. */
  readonly value: number | null;
  /** What is usual; null while unknown. */
  readonly baseline: number | null;
  /** What decides: of `rate` and `shift` the logarithm of the time, s, in which chance alone gets so far once. */
  readonly score: number | null;
  /** What the score is compared with: of `rate` and `shift` the logarithm of the time, s, in which a false alarm is allowed. */
  readonly threshold: number | null;
  /** Of `resolved`: why it ended. */
  readonly reason?: "returned" | "new-normal" | "blind";
  /** The categories that carry it, most first; up to five a detector. */
  readonly why: readonly Cause[];
  /** Events that show it: up to three, the newest first. */
  readonly examples: readonly Example[];
  /** One sentence for a person; numbers have units. */
  readonly text: string;
}

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === "number";
const isText: Check = (value) => typeof value === "string";
const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const orNothing =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => has(shape, item));

function has(shape: Readonly<Record<string, Check>>, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return Object.entries(shape).every(([field, check]) => check(fields.get(field)));
}

const ALERT: { readonly [Field in keyof Required<AlertRecord>]: Check } = {
  t: isNumber,
  stream: isText,
  alert: oneOf(ALERT_KINDS),
  state: oneOf(ALERT_STATES),
  id: isText,
  since: isNumber,
  duration: isNumber,
  direction: orNothing(oneOf(["up", "down"])),
  field: orNothing(isText),
  value: orNull(isNumber),
  baseline: orNull(isNumber),
  score: orNull(isNumber),
  threshold: orNull(isNumber),
  reason: orNothing(oneOf(["returned", "new-normal", "blind"])),
  why: listOf({ category: isText, share: isNumber }),
  examples: listOf({ id: orNull(isText), text: isText, url: orNull(isText) }),
  text: isText,
};

/** The alert that a line of JSON holds, with any further fields that it has; undefined where it holds none. */
export function decodeAlert(text: string): AlertRecord | undefined {
  const object = parseObject(text);
  if (typeof object === "string" || !has(ALERT, object)) return undefined;
  return object as unknown as AlertRecord;
}

/** What tells an alert from all others of its stream: the same twice is one that came twice. */
export const identityOf = ({ id, state, t }: Pick<AlertRecord, "id" | "state" | "t">): string =>
  `${state} ${t} ${id}`;

export const alertExample: AlertRecord = {
  t: 1489926667000,
  stream: "meetup-rsvps",
  alert: "rate",
  state: "firing",
  id: "meetup-rsvps-rate-1489926664000",
  since: 1489926664000,
  duration: 3,
  direction: "up",
  value: 4.1,
  baseline: 1.3,
  score: 14.8,
  threshold: 12.28303369,
  why: [
    { category: "TX", share: 0.58 },
    { category: "CA", share: 0.09 },
  ],
  examples: [
    {
      id: "1658733801",
      text: "Sunday hike to the lighthouse",
      url: "https://www.meetup.com/hikers/events/238486635/",
    },
  ],
  text: "meetup-rsvps: RSVPs come 3.2 times as fast as usual: 4.1 a second against 1.3, since 12:31:04 UTC; Texas carries 58 % of the extra. Chance alone does this about once a month.",
};
