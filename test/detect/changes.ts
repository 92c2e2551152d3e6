import { RecentCounts } from "../../src/detect/change/recent-counts.ts";
import type { Recent } from "../../src/detect/change-detector.ts";
import type { Detector, Verdict } from "../../src/detect/detector.ts";
import { RecentSamples } from "../../src/detect/recent-samples.ts";
import type { Measurement } from "../../src/records/measurement.ts";
import { Random } from "../../src/simulate/random.ts";
import { poisson, START } from "./worlds.ts";

/** What is made of records for the tests of detectors of changes. */
export const recent = (): Recent => ({ counts: new RecentCounts(), samples: new RecentSamples() });

/** As another process reads it. */
export const saved = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Paths of the numbers in a value that are none. */
export function notFinite(value: unknown, path = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => notFinite(inner, `${path}.${name}`));
}

export interface Said {
  readonly events?: number | null;
  readonly byKey?: Readonly<Record<string, number>>;
  readonly seconds?: number;
  readonly connected?: boolean;
  readonly stale?: number;
  readonly samples?: Measurement["samples"];
}

/** A record of the time that ends so many seconds after START. */
export function said(second: number, { events = null, byKey, seconds = 1, ...rest }: Said): Measurement {
  const { connected = true, stale = 0, samples = [] } = rest;
  const fields = { events };
  const t = START + second * 1000;
  return { t, stream: "made", connected, stale, seconds, silence: undefined, byKey, samples, fields };
}

export interface MadeOptions {
  readonly seed?: number;
  /** Between two records, s. */
  readonly every?: number;
}

/** Records of Poisson counts of each category, whose rates a second are given; `events` are all of them. */
export function made(
  rates: (second: number) => Readonly<Record<string, number>>,
  seconds: number,
  { seed = 1, every = 1 }: MadeOptions = {},
): Measurement[] {
  const random = new Random("made", seed);
  return Array.from({ length: Math.floor(seconds / every) }, (_, i) => {
    const of = Object.entries(rates(i * every));
    const counts = of.map(([category, rate]) => [category, poisson(rate * every, random)] as const);
    const byKey = Object.fromEntries(counts.filter(([, count]) => count > 0));
    const events = counts.reduce((sum, [, count]) => sum + count, 0);
    return said((i + 1) * every, { events, byKey, seconds: every });
  });
}

/** When a detector begins or ends to fire, in seconds after START, and what it says then. */
export interface Turn {
  readonly at: number;
  readonly verdict: Verdict;
  readonly clause: string;
}

/** All turns, with stream time going by the greatest `t`. */
export function turns(detector: Detector, records: readonly Measurement[], frozen = false): Turn[] {
  let now = Number.NEGATIVE_INFINITY;
  let firing = false;
  const found: Turn[] = [];
  for (const record of records) {
    now = Math.max(now, record.t);
    const verdict = detector.push(record, { now, frozen });
    if (verdict.firing === firing) continue;
    firing = verdict.firing;
    const clause = detector.clause(firing ? "firing" : "resolved", 0);
    found.push({ at: (now - START) / 1000, verdict, clause });
  }
  return found;
}

/** Seconds after START. */
export const secondOf = (ms: number): number => (ms - START) / 1000;

/** Names that an object would take for its own. */
export const AWKWARD = ["__proto__", "constructor", "", "toString", "x".repeat(500), "\u0000\n"] as const;

/** Counts by category, in an object that takes each name as it is; with JSON's own treatment of `__proto__`. */
export const counted = (entries: readonly (readonly [string, number])[]): Record<string, number> =>
  JSON.parse(`{${entries.map(([name, count]) => `${JSON.stringify(name)}:${count}`).join(",")}}`);
