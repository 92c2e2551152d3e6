import { type Measurement, numberAt } from "../records/measurement.ts";
import {
  type Detector,
  isEvidence,
  type Json,
  type Moment,
  type Snapshot,
  type Verdict,
} from "./detector.ts";
import { formatApart, formatFieldValue, nounOf, speedOf } from "./fields.ts";
import { RunningMedian } from "./running-median.ts";
import { fieldReader } from "./share.ts";
import { booleanOf, endingOf, fieldsOf, numberOf, numberOrNull } from "./snapshot.ts";
import type { ThresholdRule } from "./threshold-rules.ts";
import { timeOfDay } from "./wording.ts";

/** The trend is trusted after this much stream time and this many events. */
const WARM_UP_MS = 60_000;
const WARM_UP_EVENTS = 100;
/** A mean over fewer gaps than this is only believed once the window has been watched for its whole length. */
const GAPS_MIN = 10;
/** So long is what was usual before held against a new level, ms; then the new level is the usual one. */
const NEW_NORMAL_MS = 15 * 60_000;

/**
 * The rule of one field: fires beyond its limit, is over at its clearing value.
 *
 * A record whose field is null or missing, or that is no evidence, changes nothing. A rule with a trend compares
 * with multiples of the running median once that is warm; while it fires the median stands still, and after 15 min
 * starts anew from the level of those minutes (`new-normal`). Rules without one learn the median for the text only.
 */
export function threshold(rule: ThresholdRule): Detector {
  const { field, side, trend } = rule;
  const isBeyond = (value: number, limit: number) => (side === "below" ? value < limit : value > limit);

  const reader = fieldReader(field);
  let usual = new RunningMedian();
  /** Learns during an episode, in case it becomes the new normal. */
  let episode: RunningMedian | undefined;
  let firstAt: number | null = null;
  let events = 0;
  let warm = false;
  /** When the value went beyond; null while it is not. */
  let beyondSince: number | null = null;
  let firingSince: number | null = null;
  let firedWarm = false;
  let last: number | null = null;
  let lastAt = 0;
  let ended: Verdict["ended"];

  const baseline = () => (warm ? (usual.get() ?? null) : null);

  function bounds(): { limit: number; clear: number } {
    const median = baseline();
    if (trend === undefined || median === null) return rule;
    return { limit: trend.factor * median, clear: trend.clearFactor * median };
  }

  /** The window holds enough gaps, or has been watched from end to end. */
  function isFilled(record: Measurement, now: number): boolean {
    const count = numberAt(record.fields, "count");
    const window = numberAt(record.fields, "window");
    if (count === undefined || window === undefined || count >= GAPS_MIN) return true;
    return firstAt !== null && now - firstAt >= window * 1000;
  }

  function countEvents(record: Measurement, now: number): void {
    // Counts stand for events where a record does not tell them; it may tell neither.
    const fresh = numberAt(record.fields, "events");
    const count = numberAt(record.fields, "count");
    events =
      fresh !== undefined ? events + fresh : count !== undefined ? Math.max(events, count) : events + 1;
    const needed = trend === undefined ? 0 : WARM_UP_EVENTS;
    warm ||= now - firstAt! >= WARM_UP_MS && events >= needed;
  }

  /** What is beyond the limit is not what is usual; only the trend's own warm-up has nothing else to go by. */
  function learn(value: number, { now, frozen }: Moment): void {
    episode?.push(value, now);
    if ((trend !== undefined && !warm) || !(frozen || beyondSince !== null)) usual.push(value, now);
  }

  function decide(value: number, now: number): void {
    const { limit, clear } = bounds();
    if (firingSince === null) {
      if (!isBeyond(value, limit)) beyondSince = null;
      else {
        beyondSince ??= now;
        if (now - beyondSince < rule.holdFor * 1000) return;
        firingSince = now;
        firedWarm = warm;
        episode = new RunningMedian();
        ended = undefined;
      }
    } else if (!isBeyond(value, clear))
      end(firedWarm || !warm || trend === undefined ? "returned" : "new-normal");
    else if (trend !== undefined && warm && now - firingSince >= NEW_NORMAL_MS) {
      usual = episode ?? new RunningMedian();
      end("new-normal");
    }
  }

  function end(reason: Verdict["ended"]): void {
    firingSince = null;
    beyondSince = null;
    episode = undefined;
    ended = reason;
  }

  function verdict(score: number | null): Verdict {
    return {
      firing: firingSince !== null,
      since: beyondSince ?? 0,
      value: last,
      baseline: baseline(),
      score,
      threshold: bounds().limit,
      direction: side === "below" ? "down" : "up",
      field,
      ...(ended === undefined ? {} : { ended }),
    };
  }

  return {
    id: `threshold ${JSON.stringify(rule)}`,
    kind: "threshold",
    push(record, moment) {
      const value = reader.read(record, moment.now);
      if (value === undefined || !isEvidence(record)) return verdict(value ?? null);
      firstAt ??= moment.now;
      if (trend !== undefined && !isFilled(record, moment.now)) return verdict(value);
      last = value;
      lastAt = moment.now;
      countEvents(record, moment.now);
      decide(value, moment.now);
      learn(value, moment);
      return verdict(value);
    },
    clause(chapter, earliest) {
      const noun = nounOf(field);
      if (last === null) return `${noun} is unknown`;
      const median = baseline();
      const usually = median === null ? "" : `; usual is ${formatFieldValue(field, median)}`;
      if (chapter === "resolved") {
        const value = `${noun} is ${formatFieldValue(field, last)}`;
        return ended === "new-normal"
          ? `${value}, which counts as usual from now on`
          : `${value} now${usually}`;
      }
      const { limit, clear } = bounds();
      const at = timeOfDay(Math.max(beyondSince ?? 0, earliest), lastAt);
      const speed = speedOf(field, side);
      const opening = speed === undefined ? noun : `${speed}: ${noun}`;
      if (isBeyond(last, limit)) {
        const [value, bound] = formatApart(field, last, limit);
        return `${opening} is ${value}, ${side} ${bound} since ${at}${usually}`;
      }
      // Between the two values nothing changes; saying "below" would be wrong.
      const [value, bound] = formatApart(field, last, clear);
      return `${noun} is ${value}, not yet back at ${bound}, after it went ${side} ${formatFieldValue(field, limit)} at ${at}${usually}`;
    },
    snapshot: (): Snapshot => ({
      ...asField(reader.snapshot()),
      usual: usual.snapshot(),
      episode: episode?.snapshot() ?? null,
      firstAt,
      events,
      warm,
      beyondSince,
      firingSince,
      firedWarm,
      last,
      lastAt,
      ended: ended ?? null,
    }),
    restore(snapshot) {
      const fields = fieldsOf(snapshot, "threshold");
      // A state of before shares were counted has none.
      if (fields["share"] !== undefined) reader.restore(fields["share"]);
      usual = RunningMedian.restore(fields["usual"]);
      episode = fields["episode"] === null ? undefined : RunningMedian.restore(fields["episode"]);
      firstAt = numberOrNull(fields, "firstAt");
      events = numberOf(fields, "events");
      warm = booleanOf(fields, "warm");
      beyondSince = numberOrNull(fields, "beyondSince");
      firingSince = numberOrNull(fields, "firingSince");
      firedWarm = booleanOf(fields, "firedWarm");
      last = numberOrNull(fields, "last");
      lastAt = numberOf(fields, "lastAt");
      ended = endingOf(fields["ended"]);
    },
  };
}

const asField = (share: Json | undefined): Snapshot => (share === undefined ? {} : { share });
