import { readReplaceable, writeAtomically } from "../core/durable.ts";
import { ToolError } from "../core/errors.ts";

/** What a run leaves for the next one, so that no second is told twice and none is left out. */
export interface RateState {
  readonly stream: string;
  /** The first completed second that was not told yet. */
  readonly second: number;
  /** Greatest event time known, ms since the Unix epoch. */
  readonly newest: number | undefined;
}

const KIND = "avg";

/** Reads a state; undefined where there is none yet. @throws ToolError (configuration) for another file, or another stream's. */
export function readRateState(path: string, stream: string | undefined): RateState | undefined {
  const text = readReplaceable(path);
  if (text === undefined) return undefined;
  const state = decodeState(text);
  if (state === undefined) {
    throw new ToolError(
      "configuration",
      `${path}: expected a state of avg, got something else; name another file`,
    );
  }
  if (stream !== undefined && state.stream !== stream) {
    throw new ToolError(
      "configuration",
      `${path}: expected the state of stream ${stream}, got that of ${state.stream}; name another file, or remove it`,
    );
  }
  return state;
}

function decodeState(text: string): RateState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, stream, second, newest } = value as Record<string, unknown>;
  if (kind !== KIND || typeof stream !== "string" || typeof second !== "number") return undefined;
  return { stream, second, newest: typeof newest === "number" ? newest : undefined };
}

/** @throws ToolError when the file cannot be written. */
export function writeRateState(path: string, { stream, second, newest }: RateState): void {
  writeAtomically(path, `${JSON.stringify({ kind: KIND, stream, second, newest: newest ?? null })}\n`);
}
