import { ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import type { Branch, Store } from "./store.ts";

/** How many names a message lists. */
const NAMES_MAX = 20;

/** What fills a branch. */
const FEEDS: Readonly<Record<Branch, string>> = {
  gaps: "gaps into redis-insert",
  counts: "events into insert-distribution",
};

/** The only stream there; undefined where there is none yet. @throws ToolError (usage) that lists them where there are several. */
export async function onlyStream(store: Store, branch: Branch): Promise<string | undefined> {
  const names = await store.streams(branch);
  if (names.length <= 1) return names[0];
  throw new ToolError("usage", `there are several streams; say which: --stream ${listed(names, " | ")}`, {
    facts: { streams: names.slice(0, NAMES_MAX) },
  });
}

/** Why a reading found nothing, as an error that says what to do. */
export async function nothingStored(
  store: Store,
  branch: Branch,
  stream: string | undefined,
): Promise<ToolError> {
  const names = await store.streams(branch);
  if (stream === undefined || names.length === 0) {
    return new ToolError(
      "unavailable",
      `nothing has been stored yet: start scripts/ingest.sh, or pipe ${FEEDS[branch]}`,
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
