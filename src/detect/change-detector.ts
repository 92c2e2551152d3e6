import type { AlertKind, Cause, Example } from "../records/alert.ts";
import type { Measurement } from "../records/measurement.ts";
import { ChangeWatch, type ChangeWatchOptions } from "./change/change-watch.ts";
import type { RecentCounts } from "./change/recent-counts.ts";
import type { Numbers } from "./change/vectors.ts";
import type { Words } from "./change-words.ts";
import { type Detector, isEvidence, type Json, type Snapshot, type Verdict } from "./detector.ts";
import type { RecentSamples } from "./recent-samples.ts";
import { arrayOf, fieldsOf, isObject, isString, numberOf, numberOrNull, stringOf } from "./snapshot.ts";

/** What a record says of the counts that are watched. */
export interface Counts {
  /** By channel; at least `channels` long. */
  readonly counts: Numbers;
  readonly channels: number;
  /** Of what: seconds, or events. */
  readonly exposure: number;
  /** Events of any kind; undefined where the record tells only those that have a category. */
  readonly events: number | undefined;
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
  /** What is so now, and what is usual; of a rate events a second, of a shift shares. */
  readonly value: number;
  readonly baseline: number;
  /** Of a shift: the category as a field, `share.TX`. */
  readonly field?: string;
}

/** What makes a detector of a ChangeWatch. */
export interface ChangeSubject {
  readonly kind: AlertKind;
  /** undefined where the record says nothing of it. @param seconds connected ones that the record is about. */
  read(record: Measurement, seconds: number, watch: ChangeWatch): Counts | undefined;
  facts(change: Change): ChangeFacts;
  /** What is usual, where that is one number. */
  usual?(watch: ChangeWatch): number;
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

/** What a detector of changes is built from. */
export interface ChangeOptions {
  /** False alarms a day that it may cost, over all categories. */
  readonly perDay: number;
  readonly words: Words;
  readonly recent: Recent;
}

/** A record is about a time between these, s; another one is no evidence, and its rate would be no number. */
const SECONDS_MIN = 0.001;
const SECONDS_MAX = 86_400 * 366;

/** How things are now is how they were for so long, once a change is old, ms. */
const NOW_MS = 60_000;
/** While a change lasts, what there is to say of it is looked up so often, ms. */
const LOOK_MS = 10_000;

/** What there is to say of a change. */
interface Findings {
  readonly facts: ChangeFacts;
  readonly why: readonly Cause[];
  readonly examples: readonly Example[];
}

/**
 * The detector of what a ChangeWatch finds in the counts of a subject. `recent` may be another one's too. Records without
 * such counts, and those of times in which the source was not heard, change nothing. Holds the watch, the counts of the
 * last half hour and what was found last.
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
  let found: Findings | undefined;
  let foundAt = 0;

  function change(): Change {
    const isOld = watch.isFiring && now - begun > 2 * NOW_MS;
    const from = watch.isFiring ? (isOld ? now - NOW_MS : begun) : watch.begun;
    return { watch, recent, now, begun, from };
  }

  function look(): void {
    const at = change();
    const facts = subject.facts(at);
    foundAt = now;
    // What came since it may be over does not show what it was.
    const isPast = !watch.isFiring || (found !== undefined && watch.isReturning);
    const { why, examples } = isPast && found !== undefined ? found : causes(at);
    found = { facts, why, examples };
  }

  const causes = (at: Change): Pick<Findings, "why" | "examples"> => ({
    why: subject.why(at),
    examples: samples.examples(subject.risen(at), begun),
  });

  /** A change was told, has turned or is over, or is to be looked at again. */
  function follow(wasFiring: boolean): void {
    const { isFiring, hasTurned } = watch;
    if (isFiring && (hasTurned || !wasFiring)) {
      begun = watch.begun;
      found = undefined;
    }
    if (isFiring !== wasFiring || hasTurned || (isFiring && now - foundAt >= LOOK_MS)) look();
  }

  function verdict(isEvidence: boolean): Verdict {
    const { isFiring, ended, score, threshold, direction, hasTurned } = watch;
    const isTold = isFiring || ended !== undefined;
    const told = isTold ? found : undefined;
    return {
      firing: isFiring,
      since: begun,
      value: told?.facts.value ?? null,
      baseline: told?.facts.baseline ?? null,
      score: isEvidence ? score : null,
      threshold,
      ...(told === undefined ? {} : { direction, why: told.why, examples: told.examples }),
      ...(told?.facts.field === undefined ? {} : { field: told.facts.field }),
      ...(ended === undefined ? {} : { ended }),
      ...(isEvidence && hasTurned ? { turned: true } : {}),
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
      follow(wasFiring);
      return verdict(true);
    },
    clause: (chapter, earliest) => subject.clause(chapter, change(), Math.max(begun, earliest)),
    ...(subject.usual === undefined
      ? {}
      : { usual: () => (watch.isWarm ? subject.usual?.(watch) : undefined) }),
    chance: () => (watch.score === null ? undefined : watch.chanceSeconds),
    snapshot: () => ({
      watch: watch.snapshot(),
      recent: recent.snapshot(),
      samples: samples.snapshot(),
      subject: subject.snapshot(),
      now,
      previous,
      begun,
      found: found === undefined ? null : saved(found),
      foundAt,
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
      found = fields["found"] === null ? undefined : findingsOf(fields["found"]);
      foundAt = numberOf(fields, "foundAt");
    },
  };
}

const saved = ({ facts, why, examples }: Findings): Snapshot => ({
  facts: { value: facts.value, baseline: facts.baseline, field: facts.field ?? null },
  why: why.map((cause) => ({ ...cause })),
  examples: examples.map((example) => ({ ...example })),
});

function findingsOf(value: unknown): Findings {
  const fields = fieldsOf(value, "found");
  const { field, ...facts } = fieldsOf(fields["facts"], "facts");
  return {
    facts: {
      value: numberOf(facts, "value"),
      baseline: numberOf(facts, "baseline"),
      ...(isString(field) ? { field } : {}),
    },
    why: arrayOf(fields, "why", isObject).map((item) => {
      const cause = fieldsOf(item, "why");
      return { category: stringOf(cause, "category"), share: numberOf(cause, "share") };
    }),
    examples: arrayOf(fields, "examples", isObject).map((item) => {
      const { id, text, url } = fieldsOf(item, "examples");
      return { id: isString(id) ? id : null, text: String(text), url: isString(url) ? url : null };
    }),
  };
}
