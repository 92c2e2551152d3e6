import type { Log } from "../core/log.ts";
import { formatNumber } from "../core/spans.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import type { WarmStart } from "../distribution/unusualness/scored-events.ts";
import { type ReachOptions, reach } from "./reach.ts";
import type { Store } from "./store.ts";

/** What models may begin with. */
export interface WarmStarts {
  readonly starts: ReadonlyMap<string, WarmStart>;
  /** Streams whose counts are no start, for they are not of all categories: what they lack would pass for new. */
  readonly selective: ReadonlySet<string>;
}

/**
 * What was counted of each stream so far, for models that begin with it: at most 1000 streams, one reading each.
 * @throws StoreAway while the store cannot be reached.
 */
export async function warmStarts(store: Pick<Store, "streams" | "readCounts">): Promise<WarmStarts> {
  const starts = new Map<string, WarmStart>();
  const selective = new Set<string>();
  for (const stream of (await store.streams("counts")).slice(0, STREAMS_MAX)) {
    const reading = await store.readCounts({ stream, seconds: 0, views: ["all", "recent"] });
    if (reading === undefined) continue;
    if (reading.selective) {
      selective.add(stream);
      continue;
    }
    const { time, all, recent } = reading;
    const counts = [...(all ?? [])].map(
      ([category, count]) => [category, { all: count, recent: recent?.get(category) ?? 0 }] as const,
    );
    starts.set(stream, { time, counts: new Map(counts) });
  }
  return { starts, selective };
}

/**
 * What each stream begins with, as it is asked for, and told of then; undefined where it starts cold.
 * @throws ToolError (unavailable, permission) when the store does not tell.
 */
export async function startsIn(
  store: Store,
  { log, ...reaching }: ReachOptions & { readonly log: Log },
): Promise<(stream: string) => WarmStart | undefined> {
  const { starts, selective } = await reach(() => warmStarts(store), reaching);
  return (stream) => {
    if (selective.has(stream)) {
      log.notice(`${stream}: ${COUNTED_IN_PART}`, { stream });
      return undefined;
    }
    const start = starts.get(stream);
    log.info(`${stream}: ${howItStarts(start)}`, { stream });
    return start;
  };
}

const COUNTED_IN_PART =
  "insert-distribution counts only some categories of it (--keys, --other or --max-categories), so it starts cold";

function howItStarts(start: WarmStart | undefined): string {
  if (start === undefined) return "nothing was counted of it before, so it starts cold";
  const events = [...start.counts.values()].reduce((sum, { all }) => sum + all, 0);
  return `begins with ${formatNumber(events)} event${events === 1 ? "" : "s"} of ${start.counts.size} categories`;
}
