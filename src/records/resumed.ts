import type { JsonObject } from "../core/json-object.ts";
import { isTime } from "./time-path.ts";

/** What ingest says in its first tick of a run that goes on where earlier ones had got to. */
export interface Resumed {
  /** Grows with each run of the stream: what an earlier one still sends is refused. */
  readonly run: number;
  /** The source's own place that it was asked to go on behind; left out where all comes again, or nothing does. */
  readonly after?: string | number;
  /** Greatest event time up to there, ms since the Unix epoch; left out where the run begins with what is live. */
  readonly passed?: number;
  /** Event time, ms, from which on all comes again; left out where the source goes by its own places only. */
  readonly since?: number;
  /** Where the gaps had got to. */
  readonly gaps?: GapsEdge;
}

/** The last of the gaps that are stored. */
export interface GapsEdge {
  /** Its event time, ms. */
  readonly t: number;
  /** The prints of the events of that time. */
  readonly prints: readonly string[];
}

/** Prints as gaps and ticks carry them: plain letters, for they are put together as text. */
export const isPrints = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((print) => typeof print === "string" && /^[\w-]{1,64}$/.test(print));

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;
const isMaybeTime = (value: unknown): boolean =>
  value === undefined || (typeof value === "number" && isTime(value));

/** @returns what is said, or undefined for what nobody can have said. */
export function decodeResumed(value: unknown): Resumed | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { run, after, passed, since, gaps } = value as JsonObject;
  if (!isCount(run) || !isMaybeTime(passed) || !isMaybeTime(since)) return undefined;
  if (after !== undefined && typeof after !== "string" && typeof after !== "number") return undefined;
  if (after !== undefined && passed === undefined) return undefined;
  if (gaps !== undefined) {
    if (typeof gaps !== "object" || gaps === null) return undefined;
    const { t, prints } = gaps as JsonObject;
    if (typeof t !== "number" || !isTime(t) || !isPrints(prints)) return undefined;
  }
  return value as Resumed;
}
