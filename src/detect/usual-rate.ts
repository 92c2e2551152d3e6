import { measurementOf } from "../records/measurement.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { Words } from "./change-words.ts";
import { buildDetectors, chosenDetectors } from "./detectors.ts";
import { Watches } from "./watches.ts";

/** check-detect's own defaults, by which what is usual is learnt. */
const FALSE_ALARMS = 1;
const LATENESS_SECONDS = 5;

/** Stream time that falls back further than this has begun anew, ms. */
const FALL_MS_MAX = 15_000;

/**
 * What is usual of a stream's rate, events a second, after each of its records: as the default detectors of check-detect
 * learn it, which know better than to learn it from what is out of the ordinary. undefined before they are warm.
 */
export function usualRate(wordsOf: (stream: string) => Words): (record: StatsRecord) => number | undefined {
  const names = chosenDetectors(undefined, []);
  const settings = { rules: [], lateness: LATENESS_SECONDS, falseAlarms: FALSE_ALARMS };
  const begin = () =>
    new Watches({ detectors: (stream) => buildDetectors(names, { ...settings, words: wordsOf(stream) }) });
  let watches = begin();
  let newest = Number.NEGATIVE_INFINITY;
  return (record) => {
    if (record.t < newest - FALL_MS_MAX) watches = begin();
    newest = record.t;
    return usualIn(watches.push(measurementOf(record), record.stream).judgements);
  };
}

/** What the detector of rates says is usual. */
export const usualIn = (judgements: ReturnType<Watches["push"]>["judgements"]): number | undefined =>
  judgements.find(({ detector }) => detector.kind === "rate")?.detector.usual?.();
