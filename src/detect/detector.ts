import type { AlertKind, Cause, Example } from "../records/alert.ts";
import type { Measurement } from "../records/measurement.ts";

/** Categories that an alert names, and events that it shows. */
export const CAUSES_MAX = 5;
export const EXAMPLES_MAX = 3;

/** What a detector says after a record. */
export interface Verdict {
  /** Once true, true until there is evidence that it is over: records that say nothing change nothing. */
  readonly firing: boolean;
  /** When what fires began, ms since the Unix epoch; means nothing while quiet. */
  readonly since: number;
  readonly value: number | null;
  /** What is usual; null while unknown. */
  readonly baseline: number | null;
  /** The number that decides; compared with `threshold`. null where the record says nothing. */
  readonly score: number | null;
  readonly threshold: number | null;
  readonly direction?: "up" | "down";
  readonly field?: string;
  /** After an end: why. */
  readonly ended?: "returned" | "new-normal";
  /** What fired one way fires the other way from this record on. */
  readonly turned?: boolean;
  /** Categories that carry the change. */
  readonly why?: readonly Cause[];
  /** Events that show it. */
  readonly examples?: readonly Example[];
}

/** Where a record stands. */
export interface Moment {
  /** Stream time: the greatest `t` so far, ms since the Unix epoch. */
  readonly now: number;
  /** An episode is open: what is usual is not learnt from what is not. */
  readonly frozen: boolean;
}

/** State as JSON; a detector that restores it goes on as if it had never stopped. */
export type Snapshot = { readonly [field: string]: Json };
export type Json = number | string | boolean | null | readonly Json[] | Snapshot;

/** Watches one thing in one stream. Holds bounded memory; reads no clock. */
export interface Detector {
  /** Names it and the settings that its state depends on; state is given back to the same id only. */
  readonly id: string;
  readonly kind: AlertKind;
  push(record: Measurement, moment: Moment): Verdict;
  /**
   * What there is to say, as a clause without the stream's name and without a full stop.
   * @param earliest nothing is told as older than this, ms since the Unix epoch.
   */
  clause(chapter: "firing" | "resolved", earliest: number): string;
  /** What is usual now, by the same measure as `value`; missing where that is not one number, undefined while unknown. */
  usual?(): number | undefined;
  /** In how many seconds chance alone does once what fires; undefined, or missing, where that is not known. */
  chance?(): number | undefined;
  snapshot(): Snapshot;
  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void;
}

/**
 * Who is told when several fire: a firing detector mutes those of lower precedence, and one of the highest also ends
 * their episode, for what we cannot see we cannot judge.
 */
export const PRECEDENCE: Readonly<Record<AlertKind, number>> = {
  threshold: 0,
  rate: 0,
  shift: 0,
  unusual: 0,
  silence: 1,
  blind: 2,
};
/** How long without a source, or without stream time going on, is blindness, s. */
export const BLIND_SECONDS = 15;

/** The record is evidence: it covers a time in which the source could be heard. */
export const isEvidence = ({ connected, stale, seconds }: Measurement): boolean =>
  connected && stale < BLIND_SECONDS && seconds !== 0;
