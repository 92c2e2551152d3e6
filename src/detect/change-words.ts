import { plainText } from "../core/plain-text.ts";
import { formatNumber, formatSpan } from "../core/spans.ts";

/** What a stream's events and categories are called. */
export interface Words {
  /** One event: `RSVP`. */
  readonly noun: string;
  /** A category as a person calls it: `Texas` for TX. */
  readonly nameOf: (category: string) => string;
}

/** Longest name of a category in a sentence, characters. */
const CATEGORY_CHARS_MAX = 60;

/** Words for a stream of which nothing is known. */
export const PLAIN_WORDS: Words = { noun: "event", nameOf: (category) => category };

export const nameIn = ({ nameOf }: Words, category: string): string =>
  plainText(nameOf(category), CATEGORY_CHARS_MAX) || '""';

const UNITS = [
  [0.5, 1, "a second"],
  [0.5 / 60, 60, "a minute"],
  [0.5 / 3600, 3600, "an hour"],
  [0, 86_400, "a day"],
] as const;

/** A rate with a unit that suits it, and another in the same unit: `4.1 a second`, `1.3`. */
export function formatRates(perSecond: number, other: number): readonly [string, string] {
  const [, seconds, unit] = UNITS.find(([least]) => Math.max(perSecond, other) >= least) ?? UNITS[3];
  return [`${formatNumber(perSecond * seconds)} ${unit}`, formatNumber(other * seconds)];
}

/** A share in per cent, of at most three figures: `36 %`. */
export const formatShare = (share: number): string =>
  `${formatNumber(Number((share * 100).toPrecision(3)))} %`;

/** How often chance does something by itself: `about once in 40 days`, `less than once in 100 years`. */
export function chanceOnceIn(seconds: number): string {
  const days = seconds / 86_400;
  const years = days / 365.25;
  if (!(years < 100)) return "less than once in 100 years";
  if (years >= 2) return `about once in ${Math.round(years)} years`;
  if (days >= 300) return "about once a year";
  if (days >= 60) return `about once in ${Math.round(days / 30.4)} months`;
  if (days >= 25) return "about once a month";
  if (days >= 10) return `about once in ${Math.round(days)} days`;
  if (days >= 2) return `about once in ${Number(days.toFixed(1))} days`;
  if (days >= 0.75) return "about once a day";
  return `about once in ${formatSpan(Math.round(seconds))}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}
