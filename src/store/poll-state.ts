import { readReplaceable, writeAtomically } from "../core/durable.ts";
import { ToolError } from "../core/errors.ts";

/** What a run leaves for the next one, so that no second is told twice and none is left out. */
export interface PollState {
  /** Of which tool it is. */
  readonly kind: string;
  readonly stream: string;
  /** The first completed second that was not told yet. */
  readonly second: number;
  /** Greatest event time known, ms since the Unix epoch. */
  readonly newest: number | undefined;
}

/**
 * Reads a state; undefined where there is none yet.
 * @throws ToolError (configuration) for another file, another tool's or another stream's.
 */
export function readPollState(
  path: string,
  { kind, stream }: { readonly kind: string; readonly stream: string | undefined },
): PollState | undefined {
  const text = readReplaceable(path);
  if (text === undefined) return undefined;
  const state = decodeState(text);
  if (state?.kind !== kind) {
    const got = state === undefined ? "something else" : `one of ${state.kind}`;
    throw new ToolError(
      "configuration",
      `${path}: expected a state of ${kind}, got ${got}; name another file`,
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

function decodeState(text: string): PollState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, stream, second, newest } = value as Record<string, unknown>;
  if (typeof kind !== "string" || typeof stream !== "string" || typeof second !== "number") return undefined;
  return { kind, stream, second, newest: typeof newest === "number" ? newest : undefined };
}

/** @throws ToolError when the file cannot be written. */
export function writePollState(path: string, { kind, stream, second, newest }: PollState): void {
  writeAtomically(path, `${JSON.stringify({ kind, stream, second, newest: newest ?? null })}\n`);
}
