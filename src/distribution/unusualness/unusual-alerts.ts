import { tenFigures } from "../../core/figures.ts";
import type { AlertRecord } from "../../records/alert.ts";
import { exampleOf, type ShownEvent } from "../../records/shown-event.ts";
import type { Finding } from "./findings.ts";
import { bits, describeFinding } from "./unusual-wording.ts";

/** A longer category is cut, characters: an alert must fit into a line. */
const CATEGORY_CHARS_MAX = 1000;

/** Gives the alerts of one stream's findings. No two have one `since`, and so one id. Holds one number. */
export function unusualAlerts(stream: string): (finding: Finding, shown: ShownEvent) => AlertRecord {
  let last = Number.NEGATIVE_INFINITY;
  return (finding, shown) => {
    const { event, score, threshold } = finding;
    const since = Math.max(last + 1, Math.round(event.now));
    last = since;
    const category = event.key.slice(0, CATEGORY_CHARS_MAX);
    return {
      t: event.now,
      stream,
      alert: "unusual",
      state: "firing",
      id: `${stream}-unusual-${since}`,
      since,
      duration: 0,
      value: tenFigures(event.probability),
      baseline: null,
      score: tenFigures(score),
      threshold: tenFigures(threshold),
      why: [{ category, share: 1 }],
      examples: [exampleOf(shown, category)],
      text: describeFinding(finding, { stream, ...shown }),
    };
  };
}

/** The score of one event; nulls where it has no category. */
export interface EventScore {
  /** Its own time, ms since the Unix epoch. */
  readonly t: number;
  readonly stream: string;
  readonly key: string | null;
  readonly probability: number | null;
  /** bits */
  readonly surprisal: number | null;
  readonly rarity: number | null;
}

/** The score line of an event that has a category. */
export function formatScore(
  { t, stream, key }: Pick<EventScore, "t" | "stream" | "key">,
  scored: { readonly probability: number; readonly rarity: number } | undefined,
): string {
  const score: EventScore = {
    t,
    stream,
    key,
    probability: scored === undefined ? null : tenFigures(scored.probability),
    surprisal: scored === undefined ? null : tenFigures(bits(scored.probability)),
    rarity: scored === undefined ? null : tenFigures(scored.rarity),
  };
  return `${JSON.stringify(score)}\n`;
}
