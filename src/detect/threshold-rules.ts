import { ToolError } from "../core/errors.ts";
import { parseFieldValue } from "./fields.ts";

export type Side = "below" | "above";

/** When a field is out of bounds, and when it is back in. */
export interface ThresholdRule {
  readonly field: string;
  readonly side: Side;
  /** Fires beyond this. */
  readonly limit: number;
  /** Is over at this and on its good side; between the two nothing changes (hysteresis). */
  readonly clear: number;
  /** How long it must be beyond before it fires, s of stream time. */
  readonly holdFor: number;
  /** Given: `limit` and `clear` hold until the warm-up ends; then they are these multiples of the running median. */
  readonly trend?: { readonly factor: number; readonly clearFactor: number };
}

/** `FIELD=VALUE`, or `FIELD` alone. */
export interface FieldWord {
  readonly field: string;
  readonly value?: number;
}

/** Reads `avg=20s`, `share.CA=15%` or `avg`; may be given again for more. @throws ToolError (usage). */
export function parseFieldWord(text: string, previous: readonly FieldWord[] = []): readonly FieldWord[] {
  const equals = text.indexOf("=");
  const field = (equals < 0 ? text : text.slice(0, equals)).trim();
  if (field === "") throw new ToolError("usage", `expected FIELD=VALUE, got ${JSON.stringify(text)}`);
  if (previous.some((word) => word.field === field)) {
    throw new ToolError("usage", `expected each field once, got ${field} again`);
  }
  if (equals < 0) return [...previous, { field }];
  return [...previous, { field, value: parseFieldValue(field, text.slice(equals + 1)) }];
}

/** A factor of the running median. @throws ToolError (usage). */
export function parseFactor(text: string): number {
  const factor = Number(text);
  if (text.trim() !== "" && factor > 0 && factor < 1000) return factor;
  throw new ToolError("usage", `expected a factor above 0, such as 0.5, got ${JSON.stringify(text)}`);
}

/** The threshold options of the command line. */
export interface ThresholdOptions {
  readonly below?: readonly FieldWord[] | undefined;
  readonly above?: readonly FieldWord[] | undefined;
  readonly clear?: readonly FieldWord[] | undefined;
  /** s */
  readonly for: number;
  readonly initial?: string | undefined;
  readonly factor?: number | undefined;
  readonly clearFactor?: number | undefined;
}

const usage = (message: string) => new ToolError("usage", message);

/**
 * The rules that the options spell, in their order, `--below` first. `--initial` alone is about `avg` falling.
 * @throws ToolError (usage) for options that contradict each other.
 */
export function thresholdRules(options: ThresholdOptions): readonly ThresholdRule[] {
  const implied = options.initial !== undefined && options.above === undefined ? [{ field: "avg" }] : [];
  const words = [
    ...(options.below ?? implied).map((word) => ({ ...word, side: "below" as const })),
    ...(options.above ?? []).map((word) => ({ ...word, side: "above" as const })),
  ];
  for (const { field, value } of options.clear ?? []) {
    if (value === undefined) throw usage(`--clear: expected FIELD=VALUE, got ${JSON.stringify(field)}`);
    const sides = words.filter((word) => word.field === field).length;
    if (sides === 0) throw usage(`--clear: expected a field of --below or --above, got ${field}`);
    if (sides === 2) throw usage(`--clear: ${field} has two thresholds, so which one this clears is open`);
  }
  if (options.initial === undefined) {
    if (options.factor !== undefined || options.clearFactor !== undefined) {
      throw usage("--factor and --clear-factor follow the trend; --initial must say where to begin");
    }
    return words.map((word) => fixedRule(word, options));
  }
  const [word, second] = words;
  if (word === undefined || second !== undefined) {
    throw usage("--initial: expected one field in --below or --above, got several");
  }
  return [trendRule(word, options.initial, options)];
}

type SidedWord = FieldWord & { readonly side: Side };

function fixedRule({ field, value, side }: SidedWord, options: ThresholdOptions): ThresholdRule {
  if (value === undefined) {
    throw usage(`--${side}: expected ${field}=VALUE, got ${JSON.stringify(field)} (or say --initial VALUE)`);
  }
  const clear = options.clear?.find((word) => word.field === field)?.value ?? value;
  const wrongSide = side === "below" ? clear < value : clear > value;
  if (wrongSide) {
    const good = side === "below" ? "at or above" : "at or below";
    throw usage(`--clear: expected ${field} ${good} its threshold, got a value that still fires`);
  }
  return { field, side, limit: value, clear, holdFor: options.for };
}

function trendRule(word: SidedWord, initialText: string, options: ThresholdOptions): ThresholdRule {
  const { side, field } = word;
  let initial: number;
  try {
    initial = parseFieldValue(field, initialText);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(error.kind, `--initial: ${error.message}`, { cause: error });
  }
  if (word.value !== undefined && word.value !== initial) {
    throw usage(`--initial: --${side} ${field} already has a value, and another one; leave one of them out`);
  }
  const factor = options.factor ?? (side === "below" ? 0.5 : 2);
  const clearFactor = options.clearFactor ?? (side === "below" ? factor + 0.1 : 1 / (1 / factor + 0.1));
  if (side === "below" ? clearFactor < factor : clearFactor > factor) {
    throw usage(`--clear-factor: expected one that no longer fires, got ${clearFactor} beside ${factor}`);
  }
  // One that never lies beyond the usual would always fire.
  if (side === "below" ? clearFactor > 1 : clearFactor < 1) {
    throw usage(
      `--factor: expected one ${side} 1 with its clearing factor, got ${factor} (clears at ${clearFactor})`,
    );
  }
  const fixed = fixedRule({ field, side, value: initial }, options);
  return { ...fixed, trend: { factor, clearFactor } };
}
