import { ToolError } from "../core/errors.ts";

export const TIME_UNITS = ["ms", "s", "us", "iso"] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** Where a message says when it happened, and how. */
export interface TimePath {
  readonly path: string;
  readonly unit: TimeUnit;
}

/** `PATH[:ms|s|us|iso]`; without a unit, ms since the Unix epoch. @throws ToolError (usage). */
export function parseTimePath(text: string): TimePath {
  const colon = text.lastIndexOf(":");
  const path = colon < 0 ? text : text.slice(0, colon);
  const unit = colon < 0 ? "ms" : text.slice(colon + 1);
  const known = TIME_UNITS.find((candidate) => candidate === unit);
  if (known === undefined || path === "") {
    throw new ToolError("usage", `expected PATH[:${TIME_UNITS.join("|")}], got ${JSON.stringify(text)}`);
  }
  return { path, unit: known };
}

const MS_PER: Readonly<Record<Exclude<TimeUnit, "iso">, number>> = { ms: 1, s: 1000, us: 0.001 };
/** A date without a time or without a zone would mean another instant on another machine. */
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;
/** The year 9999: what lies beyond is no time but another unit. */
const TIME_MAX = 253_402_300_800_000;

/** True for ms since the Unix epoch: a time beyond would hold stream time for good, or be no JSON. */
export const isTime = (ms: number): boolean => ms >= 0 && ms <= TIME_MAX;

/** A time in ms since the Unix epoch, to the microsecond, or undefined where the value is none. */
export function timeFrom(value: unknown, unit: TimeUnit): number | undefined {
  let ms: number;
  if (unit === "iso") {
    ms = typeof value === "string" && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  } else {
    ms = typeof value === "number" ? Math.round(value * MS_PER[unit] * 1000) / 1000 : Number.NaN;
  }
  return isTime(ms) ? ms : undefined;
}
