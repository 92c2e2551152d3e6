import type { Redis } from "ioredis";
import { branchKeys, STREAMS_KEY } from "./keys.ts";
import { publishAlerts, readAlerts } from "./redis-alerts.ts";
import { commitCounts, countsReader } from "./redis-counts.ts";
import { commitGaps, readGaps } from "./redis-gaps.ts";
import type { RedisLink } from "./redis-link.ts";
import { beginRun, currentRun, keepOrigin, readTrail } from "./redis-resume.ts";
import type { Branch, Store } from "./store.ts";

/** The store on a Redis server. Each method is one round trip; `streams` is two. */
export function redisStore(link: RedisLink): Store {
  const readCounts = countsReader();
  return {
    streams: (branch) => link.run((redis) => streams(redis, branch)),
    commit: (batch) => link.run((redis) => commitGaps(redis, link, batch)),
    commitCounts: (batch) => link.run((redis) => commitCounts(redis, link, batch)),
    read: (request) => link.run((redis) => readGaps(redis, link, request)),
    readCounts: (request) => link.run((redis) => readCounts(redis, link, request)),
    publish: async (stream, alerts) => {
      if (alerts.length > 0) await link.run((redis) => publishAlerts(redis, link, { stream, alerts }));
    },
    alerts: (request) => link.run((redis) => readAlerts(redis, request)),
    beginRun: (stream) => link.run((redis) => beginRun(redis, link, stream)),
    currentRun: (stream) => link.run((redis) => currentRun(redis, stream)),
    keepOrigin: (stream, line) => link.run((redis) => keepOrigin(redis, stream, line)),
    trail: (stream, run) => link.run((redis) => readTrail(redis, stream, run)),
    close: () => link.close(),
  };
}

async function streams(redis: Redis, branch: Branch): Promise<string[]> {
  const names = await redis.smembers(STREAMS_KEY);
  // A name outlives its data.
  const there = await Promise.all(names.map((name) => redis.exists(branchKeys(name, branch).meta)));
  return names.filter((_, i) => there[i] === 1).sort();
}
