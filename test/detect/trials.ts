import { buildDetectors, chosenDetectors, type DetectorName } from "../../src/detect/detectors.ts";
import { Watches } from "../../src/detect/watches.ts";
import type { AlertRecord } from "../../src/records/alert.ts";
import type { Random } from "../../src/simulate/random.ts";
import { MadeStream, START, sharesWith, TRAFFIC, type Traffic, withShare, zipf } from "./worlds.ts";

/** All that check-detect watches, or what is named, on a made-up stream. */
export function watching(names: readonly DetectorName[] | undefined, falseAlarms: number): Watches {
  const settings = { rules: [], lateness: 5, falseAlarms };
  return new Watches({
    detectors: () => buildDetectors(chosenDetectors(names, []), settings),
    isMuted: () => false,
    muted: () => {},
  });
}

/** Seconds before anything changes. */
export const CALM_SECONDS = 1800;
/** So long is waited for what is to be told, s. */
const WAIT_SECONDS = 3600;
const CATEGORIES = 44;

/** A change of a stream; its detector has the whole budget of one false alarm a day. */
export interface Change {
  readonly detect: DetectorName;
  readonly before: readonly number[];
  readonly begin: (stream: MadeStream) => void;
  /** What goes on changing, by the seconds since. */
  readonly during?: (stream: MadeStream, second: number) => void;
}

const times = (factor: number): Change => ({
  detect: "rate",
  before: zipf(CATEGORIES),
  begin: (stream) => {
    stream.rate *= factor;
  },
});
const fromTo = (from: number, to: number): Change => {
  const before = sharesWith([from], CATEGORIES);
  return {
    detect: "shift",
    before,
    begin: (stream) => {
      stream.shares = withShare(before, 0, to);
    },
  };
};

/** The changes that are planted. */
export const CHANGES: Readonly<Record<string, Change>> = {
  "rate × 0.33": times(1 / 3),
  "rate × 0.5": times(0.5),
  "rate × 2": times(2),
  "rate × 3": times(3),
  "rate × 5": times(5),
  "share 1 → 10 %": fromTo(0.01, 0.1),
  "share 6 → 12 %": fromTo(0.06, 0.12),
  "share 40 → 60 %": fromTo(0.4, 0.6),
  "shares 12 ↔ 2 %": {
    detect: "shift",
    before: sharesWith([0.12, 0.02], CATEGORIES),
    begin: (stream) => {
      stream.shares = sharesWith([0.02, 0.12], CATEGORIES);
    },
  },
  "new category at 5 %": fromTo(0, 0.05),
};

/** Over so many seconds the rate doubles, evenly on a logarithmic scale. */
const doublingIn = (seconds: number): Change => ({
  ...times(1),
  during: (stream, second) => {
    stream.rate = 10 * 2 ** Math.min(1, second / seconds);
  },
});

/** Changes so small or so slow that not all are found. */
export const LIMITS: Readonly<Record<string, Change>> = {
  "rate × 1.2": times(1.2),
  "rate × 1.3": times(1.3),
  "rate × 1.4": times(1.4),
  "rate × 0.8": times(0.8),
  "rate × 0.7": times(0.7),
  "rate × 2 over 5 min": doublingIn(300),
  "rate × 2 over 15 min": doublingIn(900),
  "rate × 2 over 30 min": doublingIn(1800),
  "rate × 2 over 60 min": doublingIn(3600),
  "share 10 → 12 %": fromTo(0.1, 0.12),
  "share 10 → 14 %": fromTo(0.1, 0.14),
};

export interface TrialOptions {
  readonly random: Random;
  readonly rate?: number;
  readonly traffic?: Traffic;
}

/** Seconds from a change to its alert; undefined where it was not found within an hour. */
export function delayOf(change: Change, { random, rate = 10, traffic = TRAFFIC.Poisson }: TrialOptions) {
  const stream = new MadeStream({ traffic, rate, shares: change.before, random });
  const watches = watching([change.detect], 1);
  const next = () => watches.push(stream.next(), "made").alerts;
  let open = false;
  // A false alarm just before the change would hide it.
  for (let quiet = 0; stream.second < CALM_SECONDS || quiet < 60; quiet = open ? 0 : quiet + 1) {
    for (const { state } of next()) open = state !== "resolved";
  }
  change.begin(stream);
  const begun = stream.second;
  while (stream.second - begun < WAIT_SECONDS) {
    change.during?.(stream, stream.second - begun);
    const firing = next().find(({ state }) => state === "firing");
    if (firing !== undefined) return (firing.t - START) / 1000 - begun;
  }
  return undefined;
}

/** What the whole default set tells of ten minutes of three times the rate, and how late `resolved` comes, s. */
export function surge({ random, rate = 10, traffic = TRAFFIC.Poisson }: TrialOptions) {
  const stream = new MadeStream({ traffic, rate, shares: zipf(CATEGORIES), random });
  const watches = watching(undefined, 1);
  const alerts: AlertRecord[] = [];
  const run = (seconds: number) => {
    for (let i = 0; i < seconds; i++) alerts.push(...watches.push(stream.next(), "made").alerts);
  };
  run(CALM_SECONDS);
  const before = alerts.length;
  stream.rate *= 3;
  run(600);
  stream.rate = rate;
  const over = stream.second;
  run(300);
  const told = alerts.slice(before);
  const resolved = told.find(({ state, t }) => state === "resolved" && (t - START) / 1000 > over);
  return {
    episodes: told.filter(({ state }) => state === "firing").length,
    resolvedAfter: resolved === undefined ? undefined : (resolved.t - START) / 1000 - over,
  };
}

/** Episodes that the whole default set tells of a calm day. */
export function episodesOfDay({ random, rate = 10, traffic = TRAFFIC.Poisson }: TrialOptions): AlertRecord[] {
  const stream = new MadeStream({ traffic, rate, shares: zipf(CATEGORIES), random });
  const watches = watching(undefined, 1);
  const told: AlertRecord[] = [];
  while (stream.second < 86_400) {
    told.push(...watches.push(stream.next(), "made").alerts.filter(({ state }) => state === "firing"));
  }
  return told;
}
