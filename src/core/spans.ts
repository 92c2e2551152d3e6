import { ToolError } from "./errors.ts";

/** A map, for an object would know units such as `constructor`. */
const SECONDS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["ms", 0.001],
  ["s", 1],
  ["m", 60],
  ["min", 60],
  ["h", 3600],
  ["d", 86_400],
]);
const SPAN = /^(\d+(?:\.\d+)?|\.\d+)([a-z]+)$/i;

/**
 * A span of time such as `120s`, `5m`, `6h`, `250ms` or `1.5d`, in seconds.
 *
 * A bare number is refused, for nobody remembers whether it meant seconds or minutes.
 * @throws ToolError (usage) that says what was expected.
 */
export function parseSpan(text: string): number {
  const match = SPAN.exec(text.trim());
  const unit = match?.[2] === undefined ? undefined : SECONDS_PER_UNIT.get(match[2].toLowerCase());
  if (match === null || unit === undefined) {
    const bare = /^\d+(\.\d+)?$/.test(text.trim());
    const hint = bare
      ? `a unit is missing: ${text.trim()}s? ${text.trim()}m?`
      : "write 500ms, 30s, 5m, 6h or 1d";
    throw new ToolError(
      "usage",
      `expected a span of time with a unit, got ${JSON.stringify(text)} (${hint})`,
    );
  }
  // Thousandths of a second are exact, whatever the unit's factor does to a binary fraction.
  return Math.round(Number(match[1]) * unit * 1000) / 1000;
}

/** Like parseSpan, for spans that must be longer than nothing. */
export function parsePositiveSpan(text: string): number {
  const seconds = parseSpan(text);
  if (seconds <= 0)
    throw new ToolError("usage", `expected a span longer than nothing, got ${JSON.stringify(text)}`);
  return seconds;
}

/**
 * Seconds as a person would write them, to two or three figures: `0.32 s`, `12 s`, `5 min 20 s`, `3 h 5 min`,
 * `2 d 4 h`. Negative spans keep their sign.
 */
export function formatSpan(seconds: number): string {
  if (seconds < 0) return `-${formatSpan(-seconds)}`;
  if (seconds < 100) return `${formatNumber(seconds)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 3600) return pair(Math.floor(rounded / 60), "min", rounded % 60, "s");
  if (rounded < 86_400)
    return pair(Math.floor(rounded / 3600), "h", Math.floor((rounded % 3600) / 60), "min");
  return pair(Math.floor(rounded / 86_400), "d", Math.floor((rounded % 86_400) / 3600), "h");
}

/** A number for a sentence: three significant digits below 100, none after the point from there on, thousands marked. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(size >= 10 ? 3 : 2)));
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
