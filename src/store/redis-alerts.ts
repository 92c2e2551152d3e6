import type { Redis } from "ioredis";
import { type AlertRecord, decodeAlert } from "../records/alert.ts";
import {
  ALERTS_KEPT,
  type AlertsRequest,
  type PublishedAlert,
  wantedOf,
  withoutRepeats,
} from "./alert-store.ts";
import { partitionOf } from "./keys.ts";
import type { RedisLink } from "./redis-link.ts";
import { META_SECONDS } from "./script-frames.ts";

/** An entry of a Redis Stream: its id, and its fields and their values in turn. */
type Entry = readonly [id: string, fields: readonly string[]];

/** The field of an entry that holds the alert, as JSON. */
const FIELD = "alert";
/** Greatest half of an entry's id. https://redis.io/docs/latest/develop/data-types/streams/ */
const ID_HALF_MAX = 2n ** 64n - 1n;

/**
 * KEYS alerts; ARGV how many are kept, wall seconds that they are kept after the last, and each alert's text. All or
 * none is added, and whole blocks of old ones go, which costs less than to count them off.
 */
const PUBLISH = `
for i = 3, #ARGV do redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', '${FIELD}', ARGV[i]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return #ARGV - 2`;

// The set of streams is left as it is: it names those that hold data in a branch.
const keyOf = (stream: string): string => `${partitionOf(stream)}:alerts`;

export async function publishAlerts(
  redis: Redis,
  link: RedisLink,
  { stream, alerts }: { stream: string; alerts: readonly AlertRecord[] },
): Promise<void> {
  const texts = alerts.map((alert) => JSON.stringify(alert));
  await link.script(redis, PUBLISH, [keyOf(stream)], [ALERTS_KEPT, META_SECONDS, ...texts]);
}

export async function readAlerts(redis: Redis, request: AlertsRequest): Promise<readonly PublishedAlert[]> {
  const key = keyOf(request.stream);
  const wanted = wantedOf(request);
  // Redis takes a count of 0 for no limit.
  if (wanted === 0) return [];
  let after = isEntryId(request.after) ? request.after : undefined;
  if (after === undefined) {
    const newest = (await redis.xrevrange(key, "+", "-", "COUNT", wanted)) as Entry[];
    return alertsOf(newest.reverse());
  }
  for (;;) {
    const entries = await entriesAfter(redis, { key, after, wanted });
    const told = alertsOf(entries);
    // Who is given nothing asks for the same again: entries that are no alerts must not stand in the way for ever.
    if (told.length > 0 || entries.length < wanted) return told;
    after = entries.at(-1)?.[0] ?? after;
  }
}

async function entriesAfter(
  redis: Redis,
  { key, after, wanted }: { key: string; after: string; wanted: number },
): Promise<readonly Entry[]> {
  const reply = (await redis.xread("COUNT", wanted, "STREAMS", key, after)) as [string, Entry[]][] | null;
  return reply?.[0]?.[1] ?? [];
}

function alertsOf(entries: readonly Entry[]): readonly PublishedAlert[] {
  const published = entries.flatMap(([id, fields]) => {
    const alert = fields[0] === FIELD ? decodeAlert(fields[1] ?? "") : undefined;
    return alert === undefined ? [] : [{ id, alert }];
  });
  return withoutRepeats(published);
}

/** Redis refuses all other text, and what does not fit. */
function isEntryId(id: string | undefined): id is string {
  const halves = /^(\d{1,20})-(\d{1,20})$/.exec(id ?? "");
  return halves?.slice(1).every((half) => BigInt(half) <= ID_HALF_MAX) ?? false;
}
