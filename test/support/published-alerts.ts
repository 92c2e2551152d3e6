import type { AlertRecord } from "../../src/records/alert.ts";
import { redisStore } from "../../src/store/redis.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { redisLink } from "../../src/store/redis-link.ts";

/** The alerts of a stream that a Redis has, the oldest first. */
export async function publishedAlerts(url: string, stream: string): Promise<readonly AlertRecord[]> {
  const store = redisStore(redisLink(parseRedisAddress(url)));
  try {
    return (await store.alerts({ stream, max: 1000 })).map(({ alert }) => alert);
  } finally {
    await store.close();
  }
}
