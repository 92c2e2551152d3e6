import { tenFigures, tenFiguresOrNull } from "../core/figures.ts";
import { formatNumber } from "../core/spans.ts";
import type { AlertRecord } from "../records/alert.ts";
import { type Measurement, numberAt } from "../records/measurement.ts";
import { chanceOnceIn } from "./change-words.ts";
import type { Judgement } from "./chapters.ts";
import { shareKeyOf } from "./fields.ts";
import type { Judged } from "./watches.ts";
import { timeOfDay } from "./wording.ts";

/** So many records are remembered at least, so that what came before an alert can be shown. */
const REMEMBERED = 900;
/** Records shown before the change, and rows in all: where there are more, several records are one row. */
const BEFORE = 5;
const ROWS_MAX = 40;
/** Alerts that are named where the one that is asked for is none of them. */
const KNOWN_MAX = 1000;
/** Width of a score's bar at the threshold, characters. */
const BAR_WIDTH = 20;

/** One step of a decision, or what is said before and after. */
export interface ExplanationLine {
  /** Stream time, ms. */
  readonly t: number;
  readonly stream: string;
  /** The alert's id. */
  readonly explains: string;
  /** What was counted: events; of a shift, those of its first category; of other alerts their value. */
  readonly counted?: number | null;
  /** Of a shift: events that have a category. */
  readonly of?: number;
  /** What was to be expected of that. */
  readonly expected?: number | null;
  readonly score?: number | null;
  readonly threshold?: number | null;
  /** For a person. */
  readonly text: string;
}

interface Remembered {
  readonly record: Measurement;
  readonly judgements: readonly Judgement[];
}

/**
 * How one alert came about, from the records that led to it: what was counted, what was to be expected, and the score as
 * it grew to the threshold. Holds up to 1,800 records of its stream until it fires.
 */
export class Explanation {
  readonly #id: string;
  readonly #remembered = new Map<string, Remembered[]>();
  readonly #lines: ExplanationLine[] = [];
  readonly #known: string[] = [];
  #stream: string | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** What there is to say; none where the alert did not fire. */
  get lines(): readonly ExplanationLine[] {
    return this.#lines;
  }
  /** Alerts that fired. */
  get known(): readonly string[] {
    return this.#known;
  }

  /** A record, and what it led to. */
  push(record: Measurement, stream: string, { judgements, alerts }: Judged): void {
    const isIts = this.#stream === undefined && this.#id.startsWith(`${stream}-`);
    if (isIts) this.#remember({ record, judgements }, stream);
    for (const alert of alerts) {
      if (alert.state === "firing" && this.#known.length < KNOWN_MAX) this.#known.push(alert.id);
      if (alert.id !== this.#id) continue;
      if (alert.state === "firing") this.#explain(alert, this.#remembered.get(stream) ?? []);
      else this.#say(alert, `${timeOfDay(alert.t)}  ${alert.state}: ${alert.text}`);
    }
  }

  #remember(remembered: Remembered, stream: string): void {
    const records = this.#remembered.get(stream) ?? [];
    records.push(remembered);
    if (records.length > 2 * REMEMBERED) records.splice(0, REMEMBERED);
    this.#remembered.set(stream, records);
  }

  #say({ t, stream }: AlertRecord, text: string, facts: Partial<ExplanationLine> = {}): void {
    this.#lines.push({ t, stream, explains: this.#id, ...facts, text });
  }

  #explain(alert: AlertRecord, records: readonly Remembered[]): void {
    this.#stream = alert.stream;
    this.#remembered.clear();
    const begun = records.findIndex(({ record }) => record.t > alert.since);
    const shown = records.slice(Math.max(0, (begun < 0 ? records.length : begun) - BEFORE));
    const subject = subjectOf(alert);
    this.#say(alert, alert.text);
    this.#say(alert, subject.about);
    this.#say(alert, `${"time".padEnd(12)}  ${subject.head}`);
    const size = Math.ceil(shown.length / ROWS_MAX);
    let passed = false;
    for (let at = 0; at < shown.length; at += size) {
      const row = rowOf(shown.slice(at, at + size), alert, subject);
      const passes: boolean = !passed && row.fires;
      passed ||= passes;
      this.#say({ ...alert, t: row.t }, passes ? `${row.text}  ← passes` : row.text, row.facts);
    }
    this.#say(alert, `${timeOfDay(alert.t)}  told`);
  }
}

/** How the records of one kind of alert are read. */
interface Subject {
  readonly about: string;
  readonly head: string;
  /** @returns undefined where a record does not say. */
  read(record: Measurement): { counted: number; of?: number; expected: number } | undefined;
}

const HEAD = `${"counted".padStart(9)} ${"expected".padStart(9)} ${"score".padStart(8)} ${"threshold".padStart(9)}`;
/** What a score is, and how seldom chance gets to the threshold. */
const meaning = (threshold: number | null): string =>
  `score: the logarithm of the seconds in which chance alone gets so far once${threshold === null ? "" : `; told from ${formatNumber(threshold)} on, ${chanceOnceIn(Math.exp(threshold))}`}`;

function subjectOf({ alert, direction, field, baseline, threshold }: AlertRecord): Subject {
  const usual = baseline ?? 0;
  if (alert === "rate") {
    return {
      about: `usual: ${formatNumber(usual)} events a second; ${meaning(threshold)}`,
      head: HEAD,
      read: ({ fields, seconds }) => {
        const counted = numberAt(fields, "events");
        return counted === undefined ? undefined : { counted, expected: usual * (seconds ?? 1) };
      },
    };
  }
  const category = alert === "shift" && field !== undefined ? shareKeyOf(field) : undefined;
  if (category !== undefined) {
    return {
      about: `events of ${category} among those with a category, usually ${formatNumber(usual * 100)} %; ${meaning(threshold)}`,
      head: HEAD,
      read: ({ byKey }) => {
        if (byKey === undefined) return undefined;
        const of = Object.values(byKey).reduce((sum, count) => sum + count, 0);
        return { counted: Object.hasOwn(byKey, category) ? byKey[category]! : 0, of, expected: usual * of };
      },
    };
  }
  const side = alert === "threshold" && direction === "down" ? "below" : "from";
  const unit = alert === "threshold" ? "" : " s on";
  const limit = threshold === null ? "" : `, told ${side} ${formatNumber(threshold)}${unit}`;
  return { about: `${field ?? alert}${limit}; the score is its value`, head: HEAD, read: () => undefined };
}

function rowOf(records: readonly Remembered[], alert: AlertRecord, subject: Subject) {
  const { record, judgements } = records.at(-1)!;
  const verdict = judgements.find(
    ({ detector, verdict }) =>
      detector.kind === alert.alert && (alert.alert !== "threshold" || verdict.field === alert.field),
  )?.verdict;
  const sums = { counted: 0, of: 0, expected: 0, known: 0, hasOf: false };
  for (const { record: each } of records) {
    const read = subject.read(each);
    if (read === undefined) continue;
    sums.counted += read.counted;
    sums.expected += read.expected;
    sums.of += read.of ?? 0;
    sums.hasOf ||= read.of !== undefined;
    sums.known++;
  }
  const isKnown = sums.known > 0;
  const [score, threshold] = [tenFiguresOrNull(verdict?.score), tenFiguresOrNull(verdict?.threshold)];
  const facts = {
    counted: isKnown ? sums.counted : score,
    ...(sums.hasOf ? { of: sums.of } : {}),
    expected: isKnown ? tenFigures(sums.expected) : null,
    score,
    threshold,
  };
  const counted = sums.hasOf ? `${sums.counted}/${sums.of}` : isKnown ? String(sums.counted) : "";
  const columns = [
    counted.padStart(9),
    (isKnown ? formatNumber(sums.expected) : "").padStart(9),
    figure(score).padStart(8),
    figure(threshold).padStart(9),
  ];
  const isBefore = record.t <= alert.since && alert.alert !== "threshold";
  const since = isBefore ? "  (before the change)" : "";
  // A threshold below which something fires is no end of a way.
  const way = alert.alert === "threshold" && alert.direction === "down" ? "" : bar(score, threshold);
  const text = `${timeOfDay(record.t)}  ${columns.join(" ")}  ${way}${since}`.trimEnd();
  return { t: record.t, facts, fires: verdict?.firing === true, text };
}

const figure = (value: number | null): string => (value === null ? "" : formatNumber(value));

/** How far the score is on its way; a full bar is at the threshold. */
function bar(score: number | null, threshold: number | null): string {
  if (score === null || threshold === null || threshold <= 0 || score < 0) return "";
  return "▇".repeat(Math.min(2 * BAR_WIDTH, Math.round((score / threshold) * BAR_WIDTH)));
}
