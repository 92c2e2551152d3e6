import { ToolError } from "../core/errors.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import { didYouMean } from "../core/suggest.ts";
import type { Branch } from "./store.ts";

/** Where streams are chosen from. */
export interface StreamSource {
  readonly branches: readonly Branch[];
  /** The streams that hold data in one of the branches, sorted. */
  streams(): Promise<string[]>;
}

/** Which streams are looked at. Names are sorted, and none is there twice. */
export type StreamChoice =
  /** The only one there. */
  | {
      readonly kind: "only";
      /** Several could be looked at, so all could be chosen. */
      readonly orAll: boolean;
    }
  /** These, whether they are there already or not. */
  | { readonly kind: "named"; readonly names: readonly string[] }
  /** All that are there, and these. */
  | { readonly kind: "all"; readonly names: readonly string[] };

/** One stream, or the only one there. */
export const choiceOfOne = (stream: string | undefined): StreamChoice =>
  stream === undefined ? { kind: "only", orAll: false } : { kind: "named", names: [stream] };

/** How many names a message lists. */
const NAMES_MAX = 20;

/** What fills a branch. */
const FEEDS: Readonly<Record<Branch, string>> = {
  gaps: "gaps into redis-insert",
  counts: "events into insert-distribution",
};

/**
 * The streams that a choice stands for now, sorted; none where the only one, or any, is not there yet.
 * @throws ToolError (usage) that lists them where the only one was meant and there are several.
 */
export async function chosenStreams(source: StreamSource, choice: StreamChoice): Promise<readonly string[]> {
  switch (choice.kind) {
    case "named":
      return choice.names;
    case "all":
      return [...new Set([...(await source.streams()), ...choice.names])].sort();
    case "only": {
      const names = await source.streams();
      if (names.length <= 1) return names;
      const all = choice.orAll ? "; or --stream all" : "";
      throw new ToolError(
        "usage",
        `there are several streams; say which: --stream ${listed(names, " | ")}${all}`,
        { facts: { streams: names.slice(0, NAMES_MAX) } },
      );
    }
  }
}

/** What is said of streams that are one too many, or more. */
export const tooManyStreams = (left: readonly string[]): string =>
  `there are more than ${STREAMS_MAX} streams, and no more are looked at; left out: ${listed(left, ", ")}`;

/** Why nothing was found of streams, as an error that says what to do. @param wanted none: of any. */
export async function nothingStored(source: StreamSource, wanted: readonly string[]): Promise<ToolError> {
  const names = await source.streams();
  if (wanted.length === 0 || names.length === 0) {
    const feeds = source.branches.map((branch) => FEEDS[branch]).join(" and ");
    return new ToolError(
      "unavailable",
      `nothing has been stored yet: start scripts/ingest.sh, or pipe ${feeds}`,
    );
  }
  const guess = wanted.length === 1 ? didYouMean(wanted[0]!, names) : "";
  return new ToolError("unavailable", `${nothingOf(wanted)}${guess}; there is ${listed(names, ", ")}`);
}

/** What is said of streams that are not there. */
export const nothingOf = (streams: readonly string[]): string =>
  `nothing has been stored of stream${streams.length === 1 ? "" : "s"} ${listed(streams, ", ")}`;

/** The first names of a list, and how many more there are. */
export function listed(names: readonly string[], separator: string): string {
  const shown = names.slice(0, NAMES_MAX).join(separator);
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown;
}
