import { STREAMS_MAX } from "../core/streams.ts";
import type { WarmStart } from "../distribution/scored-events.ts";
import type { Store } from "./store.ts";

/**
 * What was counted of each stream so far, for models that begin with it: at most 1000 streams, one reading each.
 * @throws StoreAway while the store cannot be reached.
 */
export async function warmStarts(
  store: Pick<Store, "streams" | "readCounts">,
): Promise<ReadonlyMap<string, WarmStart>> {
  const starts = new Map<string, WarmStart>();
  for (const stream of (await store.streams("counts")).slice(0, STREAMS_MAX)) {
    const reading = await store.readCounts({ stream, seconds: 0, views: ["all", "recent"] });
    if (reading === undefined) continue;
    const { time, all, recent } = reading;
    const counts = [...(all ?? [])].map(
      ([category, count]) => [category, { all: count, recent: recent?.get(category) ?? 0 }] as const,
    );
    starts.set(stream, { time, counts: new Map(counts) });
  }
  return starts;
}
