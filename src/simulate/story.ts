import { ToolError } from "../core/errors.ts";
import { parsePositiveSpan, parseSpan } from "../core/spans.ts";
import { didYouMean } from "../core/suggest.ts";
import { STATE_NAMES } from "./places.ts";

/** What a story does to the streams or to those who listen. */
export type Effect =
  | { readonly kind: "surge"; readonly factor: number }
  | { readonly kind: "silence" }
  | { readonly kind: "stall" }
  | { readonly kind: "swap"; readonly states: readonly [string, string] }
  | { readonly kind: "share"; readonly state: string; readonly factor: number }
  | { readonly kind: "cut" }
  | { readonly kind: "garbage"; readonly lines: number };

export type EffectKind = Effect["kind"];

/** One thing that happens, once or again and again. Times are ms from the start of the stream. */
export interface StoryItem {
  readonly effect: Effect;
  /** When it first happens. */
  readonly at: number;
  /** How long it lasts, `Infinity` for to the end; 0 for what happens in an instant. */
  readonly lasts: number;
  /** From one time to the next, where it is repeated. */
  readonly every?: number;
  /** As it was written. */
  readonly text: string;
}

export type Story = readonly StoryItem[];

/** The largest number of broken lines that one item sends. */
const GARBAGE_LINES_MAX = 100_000;
/** The largest factor on the rate. */
const SURGE_MAX = 10_000;

/** Effects that happen in an instant; the others last. */
const INSTANT: ReadonlySet<EffectKind> = new Set(["cut", "garbage"]);

/** Reads the text behind `=`, undefined where there is none, and says what was expected otherwise. */
const EFFECTS: { readonly [Kind in EffectKind]: (value: string | undefined) => Effect } = {
  surge: (value) => ({
    kind: "surge",
    factor: numberIn(value, { min: 0, max: SURGE_MAX, example: "surge=4" }),
  }),
  silence: (value) => ({ kind: "silence", ...none(value) }),
  stall: (value) => ({ kind: "stall", ...none(value) }),
  swap: (value) => {
    const [first, second, ...rest] = (value ?? "").split("/");
    if (first === undefined || second === undefined || rest.length > 0) throw expected("swap=CA/VT", value);
    return { kind: "swap", states: [stateNamed(first), stateNamed(second)] };
  },
  share: (value) => {
    const [state, factor, ...rest] = (value ?? "").split("/");
    if (state === undefined || rest.length > 0) throw expected("share=TX/5", value);
    return {
      kind: "share",
      state: stateNamed(state),
      factor: numberIn(factor, { min: 0, max: 1000, example: "share=TX/5" }),
    };
  },
  cut: (value) => ({ kind: "cut", ...none(value) }),
  garbage: (value) => {
    const lines = numberIn(value ?? "1", { min: 1, max: GARBAGE_LINES_MAX, example: "garbage=5" });
    if (!Number.isInteger(lines)) throw expected("a whole number of lines, such as garbage=5", value);
    return { kind: "garbage", lines };
  },
};

/**
 * A story from its items, `AT:WHAT[=VALUE][:FOR]` or `every=SPAN:WHAT[=VALUE][:FOR]`, parted by commas or lines; what
 * follows a `#` is a comment.
 *
 * @throws ToolError (usage) that names the item, and its line where there are several.
 */
export function parseStory(text: string): Story {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index) =>
    line
      .replace(/#.*/, "")
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "")
      .map((item) => parseItem(item, lines.length > 1 ? `line ${index + 1}, ` : "")),
  );
}

function parseItem(text: string, where: string): StoryItem {
  try {
    const [when = "", what = "", span, ...rest] = text.split(":").map((part) => part.trim());
    if (what === "" || rest.length > 0) throw expected("AT:WHAT[=VALUE][:FOR]", text);
    const every = /^every\s*=(.*)$/i.exec(when)?.[1];
    const at = milliseconds(every === undefined ? parseSpan(when) : parsePositiveSpan(every));
    const effect = parseEffect(what);
    const lasts = lastsOf(effect.kind, span, every === undefined ? undefined : at);
    return { effect, at, lasts, text, ...(every === undefined ? {} : { every: at }) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError("usage", `${where}item ${JSON.stringify(text)}: ${error.message}`, { cause: error });
  }
}

function parseEffect(text: string): Effect {
  const [name = "", ...values] = text.split("=").map((part) => part.trim());
  const kinds = Object.keys(EFFECTS) as EffectKind[];
  const kind = kinds.find((known) => known === name.toLowerCase());
  if (kind === undefined) throw expected(kinds.join(", "), name, didYouMean(name, kinds));
  if (values.length > 1) throw expected("one value", text);
  return EFFECTS[kind](values[0]);
}

function lastsOf(kind: EffectKind, span: string | undefined, every: number | undefined): number {
  if (INSTANT.has(kind)) {
    if (span !== undefined) throw expected(`no span, for ${kind} happens in an instant`, span);
    return 0;
  }
  if (span === undefined) {
    if (every === undefined) return Number.POSITIVE_INFINITY;
    throw new ToolError("usage", `expected how long it lasts, such as every=60s:${kind}:10s, got nothing`);
  }
  const lasts = milliseconds(parsePositiveSpan(span));
  if (every !== undefined && lasts > every)
    throw expected("a span no longer than from one time to the next", span);
  return lasts;
}

/** Whole, so that sums and multiples of them are exact. */
const milliseconds = (seconds: number) => Math.round(seconds * 1000);

function stateNamed(text: string): string {
  const name = text.trim().toUpperCase();
  if (!STATE_NAMES.includes(name))
    throw expected("one of the states this world has, such as CA, NY, VT", text);
  return name;
}

function numberIn(
  text: string | undefined,
  { min, max, example }: { min: number; max: number; example: string },
): number {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw expected(`a number from ${min} to ${max}, as in ${example}`, text);
  return value;
}

function none(value: string | undefined): Record<never, never> {
  if (value !== undefined) throw expected("no value", value);
  return {};
}

function expected(what: string, got: string | undefined, hint = ""): ToolError {
  return new ToolError(
    "usage",
    `expected ${what}, got ${got === undefined || got === "" ? "nothing" : JSON.stringify(got)}${hint}`,
  );
}
