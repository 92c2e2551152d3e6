import { formatSpan } from "../core/spans.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { Measurement } from "../records/measurement.ts";
import type { Detector } from "./detector.ts";
import { Watches } from "./watches.ts";

/** The budgets that are tried, in false alarms a day, as `--false-alarms` has them. */
const BUDGETS = [
  { name: "1/day", perDay: 1 },
  { name: "1/week", perDay: 1 / 7 },
] as const;
/** Episodes that are told of each. */
const SHOWN_MAX = 20;

/** Of so little not much can be said, s. */
const SHORT_SECONDS = 600;
const SHORT = " (little to judge by: a minute and 100 events are needed to know what is usual)";

/** What a budget of false alarms would have told of a recording. */
export interface Suggestion {
  /** `--false-alarms` of it. */
  readonly suggestion: string;
  /** Stream time that the recording spans, s; all streams together. */
  readonly seconds: number;
  readonly episodes: number;
  /** What was told first in each episode: at most 20. */
  readonly alerts: readonly Pick<AlertRecord, "id" | "text">[];
  /** The command that tells so. */
  readonly command: string;
  /** All of it, for a person: several lines. */
  readonly text: string;
}

/** Tries budgets of false alarms on a recording. */
export class Suggestions {
  readonly #tried: { name: string; watches: Watches; episodes: number; firing: AlertRecord[] }[];
  readonly #spans = new Map<string, { first: number; last: number }>();

  /** @param detectors fresh ones for a stream and so many false alarms a day. */
  constructor(detectors: (stream: string, perDay: number) => readonly Detector[]) {
    this.#tried = BUDGETS.map(({ name, perDay }) => ({
      name,
      watches: new Watches({ detectors: (stream) => detectors(stream, perDay) }),
      episodes: 0,
      firing: [],
    }));
  }

  /** @throws ToolError (badInput) past the limit of streams. */
  push(record: Measurement, stream: string): void {
    const { first, last } = this.#spans.get(stream) ?? { first: record.t, last: record.t };
    this.#spans.set(stream, { first: Math.min(first, record.t), last: Math.max(last, record.t) });
    for (const tried of this.#tried) {
      for (const alert of tried.watches.push(record, stream).alerts) {
        if (alert.state !== "firing") continue;
        tried.episodes++;
        if (tried.firing.length < SHOWN_MAX) tried.firing.push(alert);
      }
    }
  }

  /** @param commandOf the command line for a value of `--false-alarms`. */
  suggestions(commandOf: (falseAlarms: string) => string): Suggestion[] {
    let seconds = 0;
    for (const { first, last } of this.#spans.values()) seconds += (last - first) / 1000;
    return this.#tried.map(({ name, episodes, firing }) => {
      const command = commandOf(name);
      const alerts = firing.map(({ id, text }) => ({ id, text }));
      const told = episodes === 0 ? "nothing" : `${episodes} episode${episodes === 1 ? "" : "s"}`;
      const more = episodes > SHOWN_MAX ? [`  … and ${episodes - SHOWN_MAX} more`] : [];
      const lines = [
        `${name} would have told ${told} in ${formatSpan(seconds)}${seconds < SHORT_SECONDS ? SHORT : ""}: ${command}`,
        ...alerts.map(({ text }) => `  ${text}`),
        ...more,
      ];
      return { suggestion: name, seconds, episodes, alerts, command, text: lines.join("\n") };
    });
  }
}
