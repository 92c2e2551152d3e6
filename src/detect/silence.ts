import { formatSpan } from "../core/spans.ts";
import type { Measurement } from "../records/measurement.ts";
import { BLIND_SECONDS, type Detector, isEvidence, type Snapshot, type Verdict } from "./detector.ts";
import { GapTail } from "./gap-tail.ts";
import { booleanOf, fieldsOf, numberOf, numberOrNull } from "./snapshot.ts";
import { PollSpacing } from "./spacing.ts";
import { expectedOnceIn } from "./wording.ts";

/** No shorter silence is told, s. */
const SILENCE_SECONDS_MIN = 30;
const LATENESSES_MIN = 3;
const POLLS_MIN = 3;
/** No silence is improbable before so much was observed: time with the source connected, s, and silences that ended. */
const OBSERVED_SECONDS_MIN = 120;
const SILENCES_MIN = 20;
/** A little more than the longest silence that was seen is no news: regular batches are never quite regular. */
const LONGEST_FACTOR = 1.5;
/** The present and the whole day: the limit is the longer of what both call improbable, s. */
const HALF_LIVES = [900, 86_400] as const;
/** The source rounds; an event moves its own time by more than this, ms. */
const EVENT_MS_MIN = 100;

export interface SilenceOptions {
  /** How late events may be and still be put in order, s: so long nothing can be known about. */
  readonly lateness: number;
  /** False alarms a day that silence may cost. */
  readonly perDay: number;
}

/**
 * Nothing comes though the source is connected, for longer than the silences seen so far make probable.
 *
 * Each record tells the time since the newest event. The longest of these between two events is a silence that
 * ended; their tails (gap-tail.ts), over the last quarter of an hour and over the last day, give the length that is
 * exceeded less often than the budget allows. The limit is the greatest of that, 1.5 times the longest silence of the
 * last day, 30 s, three latenesses and three polls, and stands still while nothing comes.
 *
 * A silence that was told is learnt as 1/1.5 of the limit, so that an outage does not hide the next one; but a
 * second one within the time in which the budget allows one says that the model is wrong, and is learnt in full.
 * Time in which the source was away is no silence. Records older than stream time are left out. Holds 600 numbers.
 */
export function silence({ lateness, perDay }: SilenceOptions): Detector {
  const tails = HALF_LIVES.map((halfLife) => new GapTail(halfLife));
  const polls = new PollSpacing();
  let previous: number | null = null;
  /** Time of the newest event, ms. */
  let newest: number | null = null;
  /** Since when the source has been heard without a break, ms; null while it is not, or before the first record. */
  let heardSince: number | null = null;
  /** The silence that lasts began before the source was away, so its length is not known. */
  let broken = false;
  let observed = 0;
  let longest = 0;
  let now = 0;
  let limit: number | null = null;
  let firing = false;
  /** Observed time at the last silence that was told, s. */
  let toldAt: number | null = null;

  function limitNow(): number | null {
    const [, day] = tails;
    const lengths = tails.map((tail) => tail.lengthAt(perDay) ?? 0);
    if (observed < OBSERVED_SECONDS_MIN || day!.count < SILENCES_MIN || lengths[1] === 0) return null;
    return Math.max(
      ...lengths,
      LONGEST_FACTOR * day!.longest,
      SILENCE_SECONDS_MIN,
      LATENESSES_MIN * lateness,
      POLLS_MIN * polls.get(),
    );
  }

  /** An event came: the silence before it is over. */
  function learn(): void {
    if (!broken && longest > 0) {
      let length = longest;
      if (firing) {
        const isWithinBudget = toldAt === null || observed - toldAt > 86_400 / perDay;
        if (isWithinBudget && limit !== null) length = Math.min(longest, limit / LONGEST_FACTOR);
        toldAt = observed;
      }
      for (const tail of tails) tail.add(length);
    }
    firing = false;
    broken = false;
    longest = 0;
    limit = limitNow();
  }

  /** The source was away so long that what it said in between is not known. */
  function isBreak(passed: number, seconds: number | undefined): boolean {
    return heardSince === null || (seconds !== undefined && passed - seconds >= BLIND_SECONDS);
  }

  function observe({ t, seconds }: Measurement): void {
    const passed = previous === null ? 0 : (t - previous) / 1000;
    if (passed > 0) polls.push(passed);
    if (previous === null) heardSince = Number.MIN_SAFE_INTEGER;
    else if (isBreak(passed, seconds)) {
      broken = true;
      if (passed >= BLIND_SECONDS) {
        firing = false;
        longest = 0;
      }
      heardSince = t;
    }
    const heard = seconds ?? (heardSince === t ? 0 : passed);
    observed += heard;
    for (const tail of tails) tail.observe(heard);
    previous = t;
  }

  function verdict(score: number | null): Verdict {
    const since = Math.round(now - longest * 1000);
    return { firing, since, value: score, baseline: null, score, threshold: limit };
  }

  return {
    id: "silence",
    kind: "silence",
    push(record, moment) {
      now = moment.now;
      const { t } = record;
      if (!isEvidence(record)) {
        if (!record.connected || record.stale >= BLIND_SECONDS) heardSince = null;
        return verdict(null);
      }
      if (record.silence === undefined || t < now) return verdict(null);
      observe(record);
      const eventTime = t - record.silence * 1000;
      if (newest !== null && eventTime > newest + EVENT_MS_MIN) learn();
      if (newest === null || eventTime > newest + EVENT_MS_MIN) newest = eventTime;
      const heard = (t - heardSince!) / 1000;
      longest = Math.max(longest, Math.max(0, Math.min(record.silence, heard)));
      firing ||= limit !== null && longest >= limit;
      return verdict(longest);
    },
    clause(chapter) {
      if (chapter === "resolved") {
        return broken ? "the source was away, so the silence counts anew" : "events come again";
      }
      const perDayHere = Math.max(...tails.map((tail) => tail.expectedPerDay(longest) ?? 0));
      const often = `less than once in ${expectedOnceIn(Math.min(perDayHere, perDay))}`;
      return `nothing has come for ${formatSpan(longest)} though the source is connected; silences this long are expected ${often}`;
    },
    snapshot: (): Snapshot => ({
      tails: tails.map((tail) => tail.snapshot()),
      polls: polls.snapshot(),
      previous,
      newest,
      heardSince,
      broken,
      observed,
      longest,
      now,
      limit,
      firing,
      toldAt,
    }),
    restore(snapshot) {
      const fields = fieldsOf(snapshot, "silence");
      const saved = Array.isArray(fields["tails"]) ? fields["tails"] : [];
      tails.forEach((tail, i) => void tail.restore(saved[i]));
      polls.restore(fields["polls"]);
      previous = numberOrNull(fields, "previous");
      newest = numberOrNull(fields, "newest");
      heardSince = numberOrNull(fields, "heardSince");
      broken = booleanOf(fields, "broken");
      observed = numberOf(fields, "observed");
      longest = numberOf(fields, "longest");
      now = numberOf(fields, "now");
      limit = numberOrNull(fields, "limit");
      firing = booleanOf(fields, "firing");
      toldAt = numberOrNull(fields, "toldAt");
    },
  };
}
