import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Clock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { partitionOf } from "./keys.ts";
import { reach } from "./reach.ts";
import type { RedisAddress } from "./redis-address.ts";
import { redisLink } from "./redis-link.ts";
import type { StateStore } from "./state-store.ts";

/** State that nobody touches for so long is forgotten, s. */
const STATE_SECONDS = 30 * 86_400;
/** A holder that died keeps the lock for so long, ms. */
const LOCK_MS = 30_000;
/** The lock is renewed this often, ms. */
const RENEW_MS = 10_000;

/** KEYS lock; ARGV token, ms. Gives the holder when it is another. */
const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false`;
/** KEYS lock, state; ARGV token, ms, text, s. A lock that ran out and that nobody took is ours again. */
const SAVE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return false`;
/** KEYS lock; ARGV token. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return false`;

export interface StateRedisOptions {
  readonly address: RedisAddress;
  /** Whose state it is: the tool, and the stream that it was told to watch. */
  readonly tool: string;
  readonly stream: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * State in Redis, under a key of its stream's partition that expires after 30 days without a run, and a lock with
 * a random token beside it, renewed while the store is open and free again 30 s after its holder died.
 *
 * While the server is away, save throws StoreAway; it may be tried again.
 * @throws ToolError (unavailable) when the server was not reached within four seconds, or another process holds the
 * lock; (permission) when the server refuses us.
 */
export async function openStateRedis(options: StateRedisOptions): Promise<StateStore> {
  const { address, tool, stream } = options;
  const link = redisLink(address);
  const base = `${partitionOf(stream)}:${tool}`;
  const keys = { lock: `${base}:lock`, state: `${base}:state` };
  const token = `${hostname()} ${randomUUID()}`;
  const run = (text: string, names: readonly string[], words: readonly (string | number)[]) =>
    link.run((redis) => link.script(redis, text, names, [token, ...words]));
  const name = `redis (${address.shown}, ${keys.state})`;

  const holder = await reach(() => run(TAKE, [keys.lock], [LOCK_MS]), options).catch(async (error) => {
    await link.close();
    throw error;
  });
  if (holder !== null) {
    await link.close();
    throw heldBy(holder, name);
  }
  const renewal = setInterval(() => {
    // A server that is away is noticed where something is to be saved.
    run(TAKE, [keys.lock], [LOCK_MS]).catch(() => {});
  }, RENEW_MS).unref();

  return {
    name,
    load: async () => (await reach(() => link.run((redis) => redis.get(keys.state)), options)) ?? undefined,
    async save(text) {
      const other = await run(SAVE, [keys.lock, keys.state], [LOCK_MS, text, STATE_SECONDS]);
      if (other !== null) throw heldBy(other, name);
    },
    async close() {
      clearInterval(renewal);
      await run(RELEASE, [keys.lock], []).catch(() => {});
      await link.close();
    },
  };
}

const heldBy = (holder: unknown, name: string): ToolError =>
  new ToolError(
    "unavailable",
    `${name}: another process, on ${String(holder).split(" ", 1)[0]}, works on this state; two would tell everything twice (one that died lets go within ${LOCK_MS / 1000} s)`,
  );
