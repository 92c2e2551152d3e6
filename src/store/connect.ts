import { standsInArguments } from "../core/arguments.ts";
import { Option } from "../core/cli.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { reach } from "./reach.ts";
import { redisStore } from "./redis.ts";
import { parseRedisAddress, type RedisAddress } from "./redis-address.ts";
import { redisLink } from "./redis-link.ts";
import type { Store } from "./store.ts";

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
  try {
    await reach(() => store.streams("gaps"), { address, clock, signal });
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
