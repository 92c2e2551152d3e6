import { readReplaceable, writeAtomically } from "../core/durable.ts";
import { ToolError } from "../core/errors.ts";
import { listed, type StreamChoice } from "./choose-stream.ts";

/** How far a stream was told, so that no second is told twice and none is left out. */
export interface Mark {
  /** The first completed second that was not told yet. */
  readonly second: number;
  /** Greatest event time known, ms since the Unix epoch. */
  readonly newest: number | undefined;
}

/** By stream. */
export type Marks = ReadonlyMap<string, Mark>;

/** What a run leaves for the next one. */
export interface PollState {
  /** Of which tool it is. */
  readonly kind: string;
  readonly marks: Marks;
}

/**
 * Reads the marks in a state; undefined where there is none yet. One of `{kind, stream, second, newest}`, as it was
 * when it knew one stream only, is taken up too.
 * @throws ToolError (configuration) for another file, another tool's or one of streams that are not chosen.
 */
export function readMarks(
  path: string,
  { kind, choice }: { readonly kind: string; readonly choice: StreamChoice },
): Marks | undefined {
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
  const names = [...state.marks.keys()];
  if (isOf(choice, names)) return state.marks;
  throw new ToolError(
    "configuration",
    `${path}: expected the state of ${wordsOf(choice)}, got that of ${listed(names, ", ")}; name another file, or remove it`,
  );
}

/** A state of these streams is one of a choice. */
function isOf(choice: StreamChoice, names: readonly string[]): boolean {
  switch (choice.kind) {
    case "all":
      return true;
    case "only":
      return names.length === 1;
    case "named":
      return names.every((name) => choice.names.includes(name));
  }
}

function wordsOf(choice: StreamChoice): string {
  if (choice.kind !== "named") return "one stream";
  return `stream${choice.names.length === 1 ? "" : "s"} ${listed(choice.names, ", ")}`;
}

function decodeState(text: string): PollState | undefined {
  const fields = fieldsOf(text);
  const kind = fields?.["kind"];
  if (fields === undefined || typeof kind !== "string") return undefined;
  const { stream, streams } = fields;
  const entries =
    typeof stream === "string"
      ? [[stream, fields] as const]
      : typeof streams === "object" && streams !== null
        ? Object.entries(streams)
        : [];
  const marks = new Map<string, Mark>();
  for (const [name, value] of entries) {
    const { second, newest } = (value ?? {}) as Record<string, unknown>;
    if (typeof second !== "number") return undefined;
    marks.set(name, { second, newest: typeof newest === "number" ? newest : undefined });
  }
  return marks.size === 0 ? undefined : { kind, marks };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws ToolError when the file cannot be written. */
export function writePollState(path: string, { kind, marks }: PollState): void {
  const streams = Object.fromEntries(
    [...marks].map(([stream, { second, newest }]) => [stream, { second, newest: newest ?? null }]),
  );
  writeAtomically(path, `${JSON.stringify({ kind, streams })}\n`);
}
