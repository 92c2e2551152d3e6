import { STREAMS_MAX } from "../core/streams.ts";
import type { WarmStart } from "../distribution/unusualness/scored-events.ts";
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
