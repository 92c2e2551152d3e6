import type { AlertRecord } from "../records/alert.ts";
import { measurementOf } from "../records/measurement.ts";
import type { StatsRecord } from "../records/stats.ts";
import type { Words } from "./change-words.ts";
import type { Detector } from "./detector.ts";
import { buildDetectors, chosenDetectors } from "./detectors.ts";
import { Watches } from "./watches.ts";

/** check-detect's own defaults, by which what is usual is learnt. */
const FALSE_ALARMS = 1;
const LATENESS_SECONDS = 5;
/** Stream time that falls back further than this has begun anew, ms. */
const FALL_MS_MAX = 15_000;
/** Episodes in which what comes is not what is usual. */
const CHANGES: readonly AlertRecord["alert"][] = ["rate", "shift"];

/** What is usual of a stream after a record of it. */
export interface Usual {
  /** Events a second; undefined before that is known. */
  readonly rate: number | undefined;
  /** Since when events come, or their shares are, as they usually are not, ms; undefined while all is as usual. */
  readonly unusualSince: number | undefined;
  /** Since when things are so that they count as usual now, after a change that has lasted, ms. */
  readonly usualFrom: number | undefined;
}

/** What a record led to. */
export interface Watched {
  readonly usual: Usual;
  readonly alerts: readonly AlertRecord[];
}

/** The default detectors of check-detect. */
export function defaultDetectors(
  wordsOf: (stream: string) => Words,
): (stream: string) => readonly Detector[] {
  const names = chosenDetectors(undefined, []);
  const settings = { rules: [], lateness: LATENESS_SECONDS, falseAlarms: FALSE_ALARMS };
  return (stream) => buildDetectors(names, { ...settings, words: wordsOf(stream) });
}

/**
 * Watches a stream's records and says, after each, what is usual: as the detectors learn it, who know better than to learn
 * it from what is out of the ordinary. A stream that begins anew at an earlier time is watched anew.
 */
export function usualWatch(
  detectors: (stream: string) => readonly Detector[],
): (record: StatsRecord) => Watched {
  let watches = new Watches({ detectors });
  let newest = Number.NEGATIVE_INFINITY;
  let unusualSince: number | undefined;
  let usualFrom: number | undefined;

  function follow({ alert, state, since, reason }: AlertRecord): void {
    if (!CHANGES.includes(alert)) return;
    if (state !== "resolved") unusualSince = since;
    else {
      unusualSince = undefined;
      if (reason === "new-normal") usualFrom = since;
    }
  }

  return (record) => {
    if (record.t < newest - FALL_MS_MAX) {
      watches = new Watches({ detectors });
      [unusualSince, usualFrom] = [undefined, undefined];
    }
    newest = record.t;
    const { judgements, alerts } = watches.push(measurementOf(record), record.stream);
    for (const alert of alerts) follow(alert);
    const rate = judgements.find(({ detector }) => detector.kind === "rate")?.detector.usual?.();
    return { usual: { rate, unusualSince, usualFrom }, alerts };
  };
}
