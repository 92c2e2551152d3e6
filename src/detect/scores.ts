import { tenFiguresOrNull } from "../core/figures.ts";
import type { Judgement } from "./chapters.ts";
import type { Verdict } from "./detector.ts";

/** What one detector made of a record. */
export interface Score {
  readonly score: number | null;
  /** null while the detector does not know one yet. */
  readonly threshold: number | null;
  readonly firing: boolean;
}

/** How far a record was from an alert. */
export interface ScoreRecord extends Score {
  /** The record's own time, ms since the Unix epoch. */
  readonly t: number;
  readonly stream: string;
  /** The first of the detectors that are on: the score and the threshold are its. */
  readonly detector: string;
  /** Where several are on: each one's, by name. */
  readonly scores?: Readonly<Record<string, Score>>;
}

const nameOf = ({ detector: { kind }, verdict: { field, direction } }: Judgement): string =>
  kind === "threshold" ? `threshold:${field}:${direction}` : kind;

const scoreOf = ({ score, threshold, firing }: Verdict): Score => ({
  score: tenFiguresOrNull(score),
  threshold: tenFiguresOrNull(threshold),
  firing,
});

/** The score record of a record's verdicts, of which there is at least one. */
export function scoreRecord(t: number, stream: string, judgements: readonly Judgement[]): ScoreRecord {
  const [first] = judgements;
  if (first === undefined) throw new RangeError("expected a verdict, got none");
  const own = { t, stream, detector: nameOf(first), ...scoreOf(first.verdict) };
  if (judgements.length === 1) return own;
  return {
    ...own,
    scores: Object.fromEntries(
      judgements.map((judgement) => [nameOf(judgement), scoreOf(judgement.verdict)]),
    ),
  };
}
