import { redisStore } from "../../src/store/redis.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { redisLink } from "../../src/store/redis-link.ts";
import { StoreAway } from "../../src/store/store.ts";
import type { Demanded } from "./numbered-stream.ts";

/** What is demanded, of gaps only where it is known. */
export type Demand = Pick<Demanded, "total" | "byCategory"> & Partial<Demanded>;

/** Looks at what a Redis holds of one stream. */
export interface StoredCounts {
  /** What is stored so far; of a stream that is not there, nothing. */
  read(): Promise<Demanded>;
  close(): Promise<void>;
}

export function storedCounts(url: string, stream: string): StoredCounts {
  const store = redisStore(redisLink(parseRedisAddress(url)));
  const readings = () =>
    Promise.all([
      store.read({ stream, seconds: 0 }),
      store.readCounts({ stream, seconds: 0, views: ["all"] }),
    ]);
  return {
    async read() {
      // A connection to a Redis that has begun anew since is noticed to be dead when it is used.
      const [gaps, counts] = await readings().catch((error: unknown) => {
        if (error instanceof StoreAway) return readings();
        throw error;
      });
      const byCategory = new Map([...(counts?.all ?? [])].filter(([, count]) => count > 0));
      const total = [...byCategory.values()].reduce((sum, count) => sum + count, 0);
      return { total, byCategory, gaps: gaps?.count ?? 0, sumMicros: gaps?.sumMicros ?? 0 };
    },
    close: () => store.close(),
  };
}

/** Lines of differences that are told. */
const LINES_MAX = 30;

/** What differs, in words; empty where nothing does. */
export function differences(stored: Demanded, demanded: Demand): string {
  const words: string[] = [];
  const compare = (what: string, is: number, due: number | undefined) => {
    if (due !== undefined && is !== due)
      words.push(`${what}: ${is} instead of ${due} (${is > due ? "+" : ""}${is - due})`);
  };
  compare("messages", stored.total, demanded.total);
  compare("gaps", stored.gaps, demanded.gaps);
  compare("sum of gaps in µs", stored.sumMicros, demanded.sumMicros);
  for (const key of new Set([...demanded.byCategory.keys(), ...stored.byCategory.keys()]))
    compare(key, stored.byCategory.get(key) ?? 0, demanded.byCategory.get(key) ?? 0);
  const more = words.length > LINES_MAX ? [`and ${words.length - LINES_MAX} more`] : [];
  return [...words.slice(0, LINES_MAX), ...more].join("\n");
}
