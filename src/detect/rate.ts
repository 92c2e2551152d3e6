import { formatNumber } from "../core/spans.ts";
import type { Cause } from "../records/alert.ts";
import { numberAt } from "../records/measurement.ts";
import { RATE_MODEL } from "./change/model.ts";
import type { Tally } from "./change/recent-counts.ts";
import { type Change, type ChangeOptions, type ChangeSubject, changeDetector } from "./change-detector.ts";
import { formatRates, formatShare, nameIn, type Words } from "./change-words.ts";
import { CAUSES_MAX, type Detector } from "./detector.ts";
import { timeOfDay } from "./wording.ts";

/** Events that the warm-up needs. */
const EVENTS_MIN = 100;
/** What categories usually have is what they had in so long before the change, ms. */
const BEFORE_MS = 15 * 60_000;
/** Categories that an alert names have this share of the change and more. */
const CAUSE_SHARE_MIN = 0.01;
/** One stands out when its share of the change is so large, and so many times what it usually has of all events. */
const OUTSTANDING_SHARE = 0.2;
const OUTSTANDING_FACTOR = 1.5;
/** … and when that is so many standard errors of its count more than its usual part of the change. */
const OUTSTANDING_ERRORS = 2;

/**
 * Events come faster, or more slowly, than in the last quarter of an hour: ChangeWatch on `events` over `seconds`. `why`
 * says which categories carry the difference, where `byKey` tells. Warm after 60 s and 100 events.
 */
export const rate = ({ perDay, words, recent }: ChangeOptions): Detector =>
  changeDetector(rateSubject(words), { model: RATE_MODEL, perDay, events: EVENTS_MIN, recent });

function rateSubject(words: Words): ChangeSubject {
  const counts = new Float64Array(1);
  return {
    kind: "rate",
    read({ fields }, seconds) {
      const events = numberAt(fields, "events");
      // More than a double holds exactly is no count (measurement.ts).
      if (events === undefined || events < 0 || events > Number.MAX_SAFE_INTEGER) return undefined;
      counts[0] = events;
      return { counts, channels: 1, exposure: seconds, events };
    },
    facts: ({ watch, recent, from }) => ({
      value: perSecond(recent.between(from)),
      baseline: watch.usual(0),
    }),
    usual: (watch) => watch.usual(0),
    why: (change) => shares(change).map(({ category, share }) => ({ category, share })),
    risen: (change) =>
      change.watch.direction === "up" ? shares(change).map(({ category }) => category) : [],
    clause: (chapter, change, since) =>
      chapter === "resolved" ? ending(change, words) : news(change, words, since),
    snapshot: () => null,
    restore() {},
  };
}

const perSecond = ({ events, seconds }: { events: number; seconds: number }): number =>
  seconds === 0 ? 0 : events / seconds;

/** A cause; what the category usually has of all events, and how much more than that of the change it has, in events. */
interface CauseBeside extends Cause {
  readonly usually: number;
  readonly surplus: number;
  /** Its events since. */
  readonly events: number;
}

/**
 * What each category has of the difference to what was before; its events above, or below, what it had then. Where some
 * go the other way, of what goes this way, so that shares never add up to more than 1.
 */
function shares({ recent, begun }: Change): CauseBeside[] {
  const before = recent.between(begun - BEFORE_MS, begun);
  const since = recent.between(begun);
  const paceOf = ({ events, seconds }: Tally) => (seconds === 0 ? 0 : events / seconds);
  const extra = (paceOf(since) - paceOf(before)) * since.keyedSeconds;
  if (extra === 0 || before.keyed === 0) return [];
  const parts = [...new Set([...before.byCategory.keys(), ...since.byCategory.keys()])].map((category) => {
    const usual = before.byCategory.get(category) ?? 0;
    const events = since.byCategory.get(category) ?? 0;
    const expected = (usual / before.keyedSeconds) * since.keyedSeconds;
    return { category, part: (events - expected) * Math.sign(extra), usual, events };
  });
  const whole = Math.max(
    parts.reduce((sum, { part }) => sum + Math.max(0, part), 0),
    Math.abs(extra),
  );
  return parts
    .map(({ category, part, usual, events }) => {
      const usually = usual / Math.max(1, before.events === 0 ? before.keyed : before.events);
      return {
        category,
        share: Number((part / whole).toPrecision(3)),
        usually,
        surplus: part - usually * whole,
        events,
      };
    })
    .filter(({ share }) => share >= CAUSE_SHARE_MIN)
    .sort((a, b) => b.share - a.share)
    .slice(0, CAUSES_MAX);
}

function news(change: Change, words: Words, since: number): string {
  const { watch, recent, from, now } = change;
  const usual = watch.usual(0);
  const value = perSecond(recent.between(from));
  const [shown, against] = formatRates(value, usual);
  const events = `${words.noun}s`;
  const at = `since ${timeOfDay(since, now)}`;
  if (value === 0)
    return `no ${events} have come ${at}; usual is ${formatRates(usual, usual)[0]}, and the source is connected`;
  const isUp = value > usual;
  const speed = isUp
    ? `come ${timesAs(value / usual)} fast as usual`
    : `come at ${formatShare(value / usual)} of the usual rate`;
  return `${events} ${speed}: ${shown} against ${against}, ${at}${carrier(change, words, isUp)}`;
}

const timesAs = (factor: number): string => {
  const times = formatNumber(factor);
  return times === "2" ? "twice as" : `${times} times as`;
};

/** What carries it, as a clause; empty where nothing is known of categories. */
function carrier(change: Change, words: Words, isUp: boolean): string {
  const [first] = shares(change);
  if (first === undefined) return "";
  // What has most of the events anyway stands out when it has half of the rest as well.
  const outstanding = Math.min(OUTSTANDING_FACTOR * first.usually, (1 + first.usually) / 2);
  const isChance = first.surplus < OUTSTANDING_ERRORS * Math.sqrt(Math.max(1, first.events));
  if (isChance || first.share < Math.max(OUTSTANDING_SHARE, outstanding)) {
    return "; no category stands out";
  }
  const what = isUp ? "of the extra" : "of what is missing";
  return `; ${nameIn(words, first.category)} carries ${formatShare(first.share)} ${what}`;
}

function ending({ watch, recent, from, now }: Change, words: Words): string {
  if (watch.ended === "new-normal") {
    return `${formatRates(watch.usual(0), 0)[0]} counts as usual from now on`;
  }
  const [shown, against] = formatRates(perSecond(recent.between(Math.min(from, now - 1))), watch.usual(0));
  return `${words.noun}s come as usual again: ${shown}, usual is ${against}`;
}
