import { ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { blind } from "./blind.ts";
import { shareOut } from "./budget.ts";
import { RecentCounts } from "./change/recent-counts.ts";
import type { Recent } from "./change-detector.ts";
import { PLAIN_WORDS, type Words } from "./change-words.ts";
import type { Detector } from "./detector.ts";
import { rate } from "./rate.ts";
import { RecentSamples } from "./recent-samples.ts";
import { shift } from "./shift.ts";
import { silence } from "./silence.ts";
import { threshold } from "./threshold.ts";
import type { ThresholdRule } from "./threshold-rules.ts";

/** What detectors are built from. */
export interface DetectorSettings {
  readonly rules: readonly ThresholdRule[];
  /** s */
  readonly lateness: number;
  /** False alarms a day, over all that is watched. */
  readonly falseAlarms: number;
  /** What the stream's events and categories are called; left out: events, by their names. */
  readonly words?: Words;
}

interface DetectorEntry {
  /** On when nothing is said about what to watch. */
  readonly byDefault: boolean;
  /** The fields it reads, for the help; where a record lacks them it says nothing. */
  readonly reads: string;
  /** Its weight in the budget of false alarms; 0 where chance plays no part. */
  readonly weight: number;
  /** @param perDay its part of the budget. */
  build(settings: DetectorSettings & { readonly recent: Recent }, perDay: number): readonly Detector[];
}

/**
 * Every detector, in the order of the defaults. A new one is a line here and a file beside it.
 */
const DETECTORS = {
  threshold: {
    byDefault: false,
    reads: "the fields of --below and --above",
    weight: 0,
    build: ({ rules }) => rules.map(threshold),
  },
  rate: {
    byDefault: true,
    reads: "events, seconds",
    weight: 0.4,
    build: ({ words = PLAIN_WORDS, recent }, perDay) => [rate({ perDay, words, recent })],
  },
  shift: {
    byDefault: true,
    reads: "byKey, seconds",
    weight: 0.4,
    build: ({ words = PLAIN_WORDS, recent }, perDay) => [shift({ perDay, words, recent })],
  },
  silence: {
    byDefault: true,
    reads: "silence, connected",
    weight: 0.2,
    build: ({ lateness }, perDay) => [silence({ lateness, perDay })],
  },
  blind: { byDefault: true, reads: "connected, stale", weight: 0, build: () => [blind()] },
} as const satisfies Readonly<Record<string, DetectorEntry>>;

export type DetectorName = keyof typeof DETECTORS;

const NAMES = Object.keys(DETECTORS) as DetectorName[];
const entryOf = (name: DetectorName): DetectorEntry => DETECTORS[name];

/** Reads `silence,blind`. @throws ToolError (usage) that lists the known ones. */
export function parseDetectorNames(text: string): readonly DetectorName[] {
  return text.split(",").map((word) => {
    const name = NAMES.find((candidate) => candidate === word.trim());
    if (name !== undefined) return name;
    throw new ToolError(
      "usage",
      `expected some of ${NAMES.join(", ")}, got ${JSON.stringify(word.trim())}${didYouMean(word.trim(), NAMES)}`,
    );
  });
}

/** What to watch: what is named; else the rules alone where there are some; else the defaults. */
export function chosenDetectors(
  named: readonly DetectorName[] | undefined,
  rules: readonly ThresholdRule[],
): readonly DetectorName[] {
  if (named === undefined) {
    return rules.length > 0 ? ["threshold"] : NAMES.filter((name) => entryOf(name).byDefault);
  }
  if (named.includes("threshold") && rules.length === 0) {
    throw new ToolError("usage", "--detect threshold: expected --below, --above or --initial to say which");
  }
  if (!named.includes("threshold") && rules.length > 0) {
    throw new ToolError("usage", "--below and --above: expected threshold in --detect, which leaves it out");
  }
  return [...new Set(named)];
}

/** Fresh detectors for one stream, in the order of their names. */
export function buildDetectors(
  names: readonly DetectorName[],
  settings: DetectorSettings,
): readonly Detector[] {
  const weights = new Map(names.map((name) => [name, entryOf(name).weight] as const));
  const shares = shareOut(settings.falseAlarms, weights);
  const recent = { counts: new RecentCounts(), samples: new RecentSamples() };
  return names.flatMap((name) => entryOf(name).build({ ...settings, recent }, shares.get(name) ?? 0));
}

/** One line a detector for the help: what it reads, and whether it is on by default. */
export const describeDetectors = (): string =>
  NAMES.map((name) => {
    const { reads, byDefault } = entryOf(name);
    return `  ${name.padEnd(10)} reads ${reads}${byDefault ? " (on by default)" : ""}`;
  }).join("\n");
