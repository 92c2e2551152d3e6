import { ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import type { Branch } from "./store.ts";

/** Where streams are chosen from. */
export interface StreamSource {
  readonly branches: readonly Branch[];
  /** The streams that hold data in one of the branches, sorted. */
  streams(): Promise<string[]>;
}

/** How many names a message lists. */
const NAMES_MAX = 20;

/** What fills a branch. */
const FEEDS: Readonly<Record<Branch, string>> = {
  gaps: "gaps into redis-insert",
  counts: "events into insert-distribution",
};

/** The only stream there; undefined where there is none yet. @throws ToolError (usage) that lists them where there are several. */
export async function onlyStream(source: StreamSource): Promise<string | undefined> {
  const names = await source.streams();
  if (names.length <= 1) return names[0];
  throw new ToolError("usage", `there are several streams; say which: --stream ${listed(names, " | ")}`, {
    facts: { streams: names.slice(0, NAMES_MAX) },
  });
}

/** Why a reading found nothing, as an error that says what to do. */
export async function nothingStored(source: StreamSource, stream: string | undefined): Promise<ToolError> {
  const names = await source.streams();
  if (stream === undefined || names.length === 0) {
    const feeds = source.branches.map((branch) => FEEDS[branch]).join(" and ");
    return new ToolError(
      "unavailable",
      `nothing has been stored yet: start scripts/ingest.sh, or pipe ${feeds}`,
    );
  }
  return new ToolError(
    "unavailable",
    `nothing has been stored of stream ${stream}${didYouMean(stream, names)}; there is ${listed(names, ", ")}`,
  );
}

function listed(names: readonly string[], separator: string): string {
  const shown = names.slice(0, NAMES_MAX).join(separator);
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown;
}
