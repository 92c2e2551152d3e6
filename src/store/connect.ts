import { standsInArguments } from "../core/arguments.ts";
import { Option } from "../core/cli.ts";
import type { Clock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { redisStore } from "./redis.ts";
import { parseRedisAddress, type RedisAddress } from "./redis-address.ts";
import { redisLink } from "./redis-link.ts";
import { type Store, StoreAway } from "./store.ts";

/** How long a server that was never reached is tried, ms. */
const REACH_MS_MAX = 4000;
/** Between two tries, ms. */
const TRY_MS = 200;

/** `--redis`, else REDIS_URL: every tool that uses the store has it. */
export const redisOption = () =>
  new Option("--redis <url>", "Redis: redis://, rediss:// or unix:// (a password belongs into REDIS_URL)")
    .env("REDIS_URL")
    .argParser(parseRedisAddress)
    .default(parseRedisAddress("redis://127.0.0.1:6379"), "redis://127.0.0.1:6379");

/**
 * Opens the store, once its server has answered.
 * @throws ToolError (unavailable) when it does not within four seconds; (permission) when it refuses us; whatever
 * `signal` does, it ends the wait.
 */
export async function openStore(
  address: RedisAddress,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<Store> {
  if (address.secret !== undefined && standsInArguments(address.secret)) {
    log.warning(
      "the password in --redis can be seen by everybody on this machine: put the address into REDIS_URL",
    );
  }
  const store = redisStore(redisLink(address));
  const deadline = clock.elapsed() + REACH_MS_MAX;
  for (;;) {
    try {
      await withDeadline(store.streams("gaps"), deadline - clock.elapsed(), clock);
      return store;
    } catch (error) {
      const again = error instanceof StoreAway && clock.elapsed() + TRY_MS < deadline && !signal.aborted;
      if (!again) {
        await store.close();
        throw error instanceof StoreAway ? unreachable(address, error) : error;
      }
    }
    await clock.sleep(TRY_MS, signal);
  }
}

async function withDeadline<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then((): never => {
    throw new StoreAway("no answer");
  });
  // The loser of the race is nobody's error.
  late.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

function unreachable({ shown }: RedisAddress, cause: StoreAway): ToolError {
  return new ToolError(
    "unavailable",
    `cannot reach Redis at ${shown}: ${cause.message}; start one (redis-server), or set REDIS_URL to where it is`,
    { cause },
  );
}
