import { ToolError } from "../core/errors.ts";
import { formatNumber, formatSpan, parseSpan } from "../core/spans.ts";
import { didYouMean } from "../core/suggest.ts";

/** Fields that are spans of time, in seconds; their values on the command line take a unit. */
const SPANS = new Set(["avg", "window", "silence", "stale", "duration"]);

const NOUNS: Readonly<Record<string, string>> = {
  avg: "the mean gap",
  rate: "the rate",
  silence: "the time since the newest event",
  entropy: "the entropy",
  entropyCorrected: "the corrected entropy",
  n: "the effective number of events",
  categories: "the number of categories",
  count: "the number of gaps in the window",
  events: "the number of events",
  late: "the number of late events",
  window: "the length of the window",
  stale: "the time that the stream has stood still",
};

const UNITS: Readonly<Record<string, string>> = {
  rate: " a second",
  entropy: " bits",
  entropyCorrected: " bits",
};

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A value for a field as the command line has it: `20s`, `4.2`, `15%`. @throws ToolError (usage). */
export function parseFieldValue(field: string, text: string): number {
  if (SPANS.has(field)) return parseSpan(text);
  const percent = text.endsWith("%");
  const digits = percent ? text.slice(0, -1).trim() : text.trim();
  const value = NUMBER.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isFinite(value)) {
    const hint = field in NOUNS ? "" : didYouMean(field, Object.keys(NOUNS));
    throw new ToolError(
      "usage",
      `expected a number or per cent for ${field}, got ${JSON.stringify(text)}${hint}`,
    );
  }
  const parsed = percent ? value / 100 : value;
  if (isShare(field) && !(parsed >= 0 && parsed <= 1)) {
    const hint = percent || value > 100 ? "" : ` (${digits}%?)`;
    throw new ToolError(
      "usage",
      `expected a share from 0% to 100% for ${field}, got ${JSON.stringify(text)}${hint}`,
    );
  }
  return parsed;
}

/** A field's value for a sentence, with its unit: `0.34 s`, `4.2 bits`, `15 %`. */
export function formatFieldValue(field: string, value: number): string {
  if (SPANS.has(field)) return formatSpan(value);
  if (isShare(field)) return `${formatNumber(value * 100)} %`;
  return `${formatNumber(value)}${UNITS[field] ?? ""}`;
}

/** Two values of a field with as many digits as tell them apart: `0.343 s` and `0.344 s`. */
export function formatApart(field: string, value: number, other: number): readonly [string, string] {
  const plain = [formatFieldValue(field, value), formatFieldValue(field, other)] as const;
  if (plain[0] !== plain[1] || value === other) return plain;
  const scale = isShare(field) ? 100 : 1;
  const unit = SPANS.has(field) ? " s" : isShare(field) ? " %" : (UNITS[field] ?? "");
  for (let digits = 3; ; digits++) {
    const [a, b] = [value, other].map((number) => Number((number * scale).toPrecision(digits)));
    if (a !== b || digits === DIGITS_MAX) return [`${a}${unit}`, `${b}${unit}`];
  }
}

/** No more digits than these mean anything. */
const DIGITS_MAX = 15;

/** What a sentence calls a field: `the mean gap`, `the share of CA`; the field's own name where we know no other. */
export const nounOf = (field: string): string =>
  isShare(field) ? `the share of ${field.slice(SHARE.length)}` : (NOUNS[field] ?? field);

/** What it means for events that the field is low or high, as a clause, for the fields that tell their speed. */
export function speedOf(field: string, side: "below" | "above"): string | undefined {
  if (field === "avg") return side === "below" ? "events come faster" : "events come more slowly";
  if (field === "rate") return side === "below" ? "events come more slowly" : "events come faster";
  return undefined;
}

const SHARE = "share.";
const isShare = (field: string) => field.startsWith(SHARE) && field.length > SHARE.length;

/** The category, dots included, of a field that is a category's share; undefined of any other field. */
export const shareKeyOf = (field: string): string | undefined =>
  isShare(field) ? field.slice(SHARE.length) : undefined;
