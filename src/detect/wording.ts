import { formatSpan } from "../core/spans.ts";

/** A point in time for a sentence: `12:31:04 UTC`, with its date when `now` is more than a day later. */
export function timeOfDay(ms: number, now = ms): string {
  const iso = new Date(ms).toISOString();
  const time = `${iso.slice(11, 19)} UTC`;
  return Math.abs(now - ms) > 86_400_000 ? `${iso.slice(0, 10)} ${time}` : time;
}

/** How often something is expected, for `less than once in …`: `40 days`, `3 years`, `a day`, `5 h`. */
export function expectedOnceIn(perDay: number): string {
  const days = 1 / perDay;
  if (!(days < 365 * 100)) return "100 years";
  if (days >= 730) return `${Math.floor(days / 365)} years`;
  if (days >= 2) return `${Math.floor(days)} days`;
  if (days >= 1) return "a day";
  return formatSpan(Math.floor(days * 24) * 3600 || Math.floor(days * 86_400));
}
