import type { AlertKind, Cause, Example } from "../records/alert.ts";
import type { Measurement } from "../records/measurement.ts";
import { ChangeWatch, type ChangeWatchOptions } from "./change/change-watch.ts";
import type { RecentCounts } from "./change/recent-counts.ts";
import type { Numbers } from "./change/vectors.ts";
import { type Detector, isEvidence, type Json, type Verdict } from "./detector.ts";
import type { RecentSamples } from "./recent-samples.ts";
import { arrayOf, fieldsOf, isObject, isString, numberOf, numberOrNull, stringOf } from "./snapshot.ts";

/** What a record says of the counts that are watched. */
export interface Counts {
  readonly counts: Numbers;
  readonly channels: number;
  readonly exposure: number;
  /** Events of any kind. */
  readonly events: number;
}

/** Where a change stands that is told, or was told last. */
export interface Change {
  readonly watch: ChangeWatch;
  readonly recent: RecentCounts;
  /** Stream time, ms. */
  readonly now: number;
  /** When it began, ms. */
  readonly begun: number;
  /** Since when what is told of it has been so: its beginning, a minute ago, or its end, ms. */
  readonly from: number;
}

/** What a change is about, in numbers. */
export interface ChangeFacts {
  readonly value: number;
  readonly baseline: number;
  readonly field?: string;
}

/** What makes a detector of a ChangeWatch. */
export interface ChangeSubject {
  readonly kind: AlertKind;
  /** undefined where the record says nothing of it. @param seconds connected ones that the record is about. */
  read(record: Measurement, seconds: number, watch: ChangeWatch): Counts | undefined;
  facts(change: Change): ChangeFacts;
  /** The categories that carry it, most first. */
  why(change: Change): readonly Cause[];
  /** Those whose events show what it is about: there are more of them than usual. */
  risen(change: Change): readonly string[];
  clause(chapter: "firing" | "resolved", change: Change, since: number): string;
  snapshot(): Json;
  restore(snapshot: unknown): void;
}

/** What the detectors of one stream hold together. */
export interface Recent {
  readonly counts: RecentCounts;
  readonly samples: RecentSamples;
}

/** A record is about a time between these, s; another one is no evidence, and its rate would be no number. */
const SECONDS_MIN = 0.001;
const SECONDS_MAX = 86_400 * 366;

/** How things are now is how they were for so long, once a change is old, ms. */
const NOW_MS = 60_000;

/**
 * The detector of what a ChangeWatch finds in the counts of a subject. `recent` may be another one's too. Records without them, and those of times in which
 * the source was not heard, change nothing. Holds the watch, the counts of the last half hour and what was told last.
 */
export function changeDetector(
  subject: ChangeSubject,
  options: ChangeWatchOptions & { readonly recent: Recent },
): Detector {
  const watch = new ChangeWatch(options);
  const { counts: recent, samples } = options.recent;
  let now = 0;
  let previous: number | null = null;
  let begun = 0;
  let direction: "up" | "down" = "up";
  let why: readonly Cause[] = [];
  let examples: readonly Example[] = [];

  function change(): Change {
    const isOld = watch.isFiring && now - begun > 2 * NOW_MS;
    const from = watch.isFiring ? (isOld ? now - NOW_MS : begun) : watch.begun;
    return { watch, recent, now, begun, from };
  }

  function verdict(isEvidence: boolean): Verdict {
    const { isFiring, ended, score, threshold } = watch;
    const isTold = isFiring || ended !== undefined;
    const facts = isTold ? subject.facts(change()) : undefined;
    if (isFiring && facts !== undefined) {
      direction = facts.value >= facts.baseline ? "up" : "down";
      why = subject.why(change());
      examples = samples.examples(subject.risen(change()), begun);
    }
    return {
      firing: isFiring,
      since: begun,
      value: facts?.value ?? null,
      baseline: facts?.baseline ?? null,
      score: isEvidence ? score : null,
      threshold,
      ...(facts === undefined ? {} : { direction }),
      ...(facts?.field === undefined ? {} : { field: facts.field }),
      ...(ended === undefined ? {} : { ended }),
      ...(isTold ? { why, examples } : {}),
    };
  }

  return {
    id: subject.kind,
    kind: subject.kind,
    push(record, moment) {
      now = moment.now;
      const passed = previous === null ? 0 : (now - previous) / 1000;
      previous = now;
      const seconds = record.seconds ?? passed;
      const isHeard = isEvidence(record) && seconds >= SECONDS_MIN && seconds <= SECONDS_MAX;
      const counted = isHeard ? subject.read(record, seconds, watch) : undefined;
      if (counted === undefined) return verdict(false);
      const start = now - seconds * 1000;
      recent.push(record, { start, seconds, events: counted.events }, record.byKey);
      samples.push(record, record.samples, now);
      const wasFiring = watch.isFiring;
      watch.push({ ...counted, seconds, start }, moment);
      if (watch.isFiring && !wasFiring) begun = watch.begun;
      return verdict(true);
    },
    clause: (chapter, earliest) => subject.clause(chapter, change(), Math.max(begun, earliest)),
    chance: () => (watch.score === null ? undefined : Math.exp(watch.score)),
    snapshot: () => ({
      watch: watch.snapshot(),
      recent: recent.snapshot(),
      samples: samples.snapshot(),
      subject: subject.snapshot(),
      now,
      previous,
      begun,
      direction,
      why: why.map((cause) => ({ ...cause })),
      examples: examples.map((example) => ({ ...example })),
    }),
    restore(snapshot) {
      const fields = fieldsOf(snapshot, subject.kind);
      subject.restore(fields["subject"]);
      watch.restore(fields["watch"]);
      recent.restore(fields["recent"]);
      samples.restore(fields["samples"]);
      now = numberOf(fields, "now");
      previous = numberOrNull(fields, "previous");
      begun = numberOf(fields, "begun");
      direction = fields["direction"] === "down" ? "down" : "up";
      why = arrayOf(fields, "why", isObject).map((item) => {
        const cause = fieldsOf(item, "why");
        return { category: stringOf(cause, "category"), share: numberOf(cause, "share") };
      });
      examples = arrayOf(fields, "examples", isObject).map((item) => {
        const { id, text, url } = fieldsOf(item, "examples");
        return { id: isString(id) ? id : null, text: String(text), url: isString(url) ? url : null };
      });
    },
  };
}
