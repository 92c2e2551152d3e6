import { tenFiguresOrNull } from "../core/figures.ts";
import { formatSpan } from "../core/spans.ts";
import type { AlertKind, AlertRecord, AlertState, Cause } from "../records/alert.ts";
import { chanceOnceIn } from "./change-words.ts";
import { CAUSES_MAX, type Detector, EXAMPLES_MAX, type Verdict } from "./detector.ts";

/** A detector and what it just said. */
export interface Judgement {
  readonly detector: Detector;
  readonly verdict: Verdict;
}

/** What a chapter tells of its episode. */
export interface ChapterOf {
  readonly stream: string;
  readonly kind: AlertKind;
  readonly since: number;
  readonly state: AlertState;
  /** ms since the Unix epoch. */
  readonly t: number;
  /** The one that began it first; those that were there and are gone are left out. */
  readonly members: readonly Judgement[];
  /** Nothing is told as older than this, ms. */
  readonly earliest: number;
  readonly reason?: NonNullable<AlertRecord["reason"]>;
}

/** The alert record of a chapter. */
export function chapterRecord(chapter: ChapterOf): AlertRecord {
  const { stream, kind, since, state, t, members, reason } = chapter;
  const lead = members[0]?.verdict;
  const duration = Math.max(0, Math.round(t - since) / 1000);
  return {
    t,
    stream,
    alert: kind,
    state,
    id: `${stream}-${kind}-${since}`,
    since,
    duration,
    ...(lead?.direction === undefined ? {} : { direction: lead.direction }),
    ...(lead?.field === undefined ? {} : { field: lead.field }),
    value: tenFiguresOrNull(lead?.value),
    baseline: tenFiguresOrNull(lead?.baseline),
    score: tenFiguresOrNull(lead?.score),
    threshold: tenFiguresOrNull(lead?.threshold),
    ...(reason === undefined ? {} : { reason }),
    why: causesOf(members),
    examples: members.flatMap(({ verdict }) => verdict.examples ?? []).slice(0, EXAMPLES_MAX),
    text: `${stream}: ${sentence(chapter, duration)}.`,
  };
}

function sentence({ state, members, reason, earliest }: ChapterOf, duration: number): string {
  const firing = members.filter(({ verdict }) => verdict.firing);
  const clauses = (told: readonly Judgement[], chapter: "firing" | "resolved") =>
    withoutRepetition(told)
      .map(({ detector }) => detector.clause(chapter, earliest))
      .join("; also, ");
  switch (state) {
    case "firing":
    case "update":
      return `${clauses(firing, "firing")}${chanceOf(firing)}`;
    case "reminder":
      return firing.length === 0
        ? `still not known to be over after ${formatSpan(duration)}`
        : `still so after ${formatSpan(duration)}: ${clauses(firing, "firing")}${chanceOf(firing)}`;
    case "resolved":
      if (reason === "blind") {
        return `not followed any further after ${formatSpan(duration)}, because we are blind: whether it is over is not known`;
      }
      if (members.length === 0) return `closed after ${formatSpan(duration)}: it is no longer watched for`;
      return `over after ${formatSpan(duration)}: ${clauses(members, "resolved")}`;
  }
}

/** How often chance alone does what fires, as another sentence; where several do, what it does most seldom. */
function chanceOf(firing: readonly Judgement[]): string {
  const seconds = firing.flatMap(({ detector }) => detector.chance?.() ?? []);
  return seconds.length === 0 ? "" : `. Chance alone does this ${chanceOnceIn(Math.max(...seconds))}`;
}

/** That nothing comes is said once: a rate of nothing says it better than the silence that joins it, and so does its end. */
const withoutRepetition = (told: readonly Judgement[]): readonly Judgement[] =>
  told.some(({ detector }) => detector.kind === "rate")
    ? told.filter(({ detector, verdict }) => detector.kind !== "silence" || isNews(verdict, told))
    : told;

/** A silence beside a rate that has not stopped. */
const isNews = ({ firing }: Verdict, told: readonly Judgement[]): boolean =>
  firing && told.every(({ detector, verdict }) => detector.kind !== "rate" || verdict.value !== 0);

/** The causes that the first has; what others have for further categories comes behind them. */
function causesOf(members: readonly Judgement[]): readonly Cause[] {
  const causes = new Map<string, Cause>();
  for (const cause of members.flatMap(({ verdict }) => verdict.why ?? [])) {
    if (!causes.has(cause.category)) causes.set(cause.category, cause);
  }
  return [...causes.values()].slice(0, CAUSES_MAX);
}
