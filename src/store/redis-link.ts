import { createHash } from "node:crypto";
import type { Redis, RedisOptions } from "ioredis";
import { reasonOf, ToolError } from "../core/errors.ts";
import type { RedisAddress } from "./redis-address.ts";
import { StoreAway } from "./store.ts";

/** Longest wait for a connection with its handshake, and for the answer to a command, ms. */
const ANSWER_MS_MAX = 3000;

/** A connection to a Redis server that is made when it is needed, and made anew after anything went wrong with it. */
export interface RedisLink {
  /**
   * Does something with a connection.
   * @throws StoreAway when the server cannot be reached, hangs, or says that it cannot answer now; ToolError
   * (permission) when it refuses us; (unavailable) when it does not understand us.
   */
  run<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /** Runs a script by its digest, and sends its text only where the server does not have it. */
  script(
    redis: Redis,
    text: string,
    keys: readonly string[],
    words: readonly (string | number | Buffer)[],
  ): Promise<unknown>;
  /** The same, for a reply whose strings may be any bytes: they come as buffers. */
  scriptBytes: RedisLink["script"];
  close(): Promise<void>;
}

/** Holds one connection. Nothing is retried here: who asks knows how long it is worth it. */
export function redisLink(address: RedisAddress): RedisLink {
  let current: Promise<Redis> | undefined;
  const digests = new Map<string, string>();

  function digestOf(text: string): string {
    const digest = digests.get(text) ?? createHash("sha1").update(text).digest("hex");
    digests.set(text, digest);
    return digest;
  }

  return {
    async run(work) {
      current ??= open(address);
      const connecting = current;
      let redis: Redis | undefined;
      try {
        redis = await connecting;
        return await work(redis);
      } catch (error) {
        // What the work itself says of an answer is final.
        if (isDefect(error) || (redis !== undefined && error instanceof ToolError)) throw error;
        const failure = failureOf(error, address);
        // An answer leaves the connection as it was; silence does not.
        if (redis === undefined || !isReply(error)) {
          if (current === connecting) current = undefined;
          redis?.disconnect();
        }
        throw failure;
      }
    },
    script: (redis, text, keys, words) =>
      sentOnce(
        () => redis.evalsha(digestOf(text), keys.length, ...keys, ...words),
        () => redis.eval(text, keys.length, ...keys, ...words),
      ),
    scriptBytes: (redis, text, keys, words) =>
      sentOnce(
        () => redis.callBuffer("EVALSHA", digestOf(text), keys.length, ...keys, ...words),
        () => redis.callBuffer("EVAL", text, keys.length, ...keys, ...words),
      ),
    async close() {
      const closing = current;
      current = undefined;
      (await closing?.catch(() => undefined))?.disconnect();
    },
  };
}

/** Runs a script by its digest, and by its text where the server does not know it. */
async function sentOnce(byDigest: () => Promise<unknown>, byText: () => Promise<unknown>): Promise<unknown> {
  try {
    return await byDigest();
  } catch (error) {
    if (!reasonOf(error).startsWith("NOSCRIPT")) throw error;
    return byText();
  }
}

/** Connects once; the connection is never restored behind our back, so a batch is only resent where it is known. */
async function open(address: RedisAddress): Promise<Redis> {
  const { Redis } = await import("ioredis");
  const options: RedisOptions & { replyMapping: "legacy" } = {
    ...placeOf(address),
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.secret === undefined ? {} : { password: address.secret }),
    lazyConnect: true,
    protocol: 2,
    replyMapping: "legacy",
    disableClientInfo: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null,
    // A connection that is closed already would keep the process alive for this long.
    disconnectTimeout: 50,
    connectTimeout: ANSWER_MS_MAX,
    commandTimeout: ANSWER_MS_MAX,
  };
  const redis = new Redis(options);
  // The connection's own words ("Connection is closed.") say less than what closed it.
  let cause: unknown;
  redis.on("error", (error: unknown) => {
    cause ??= error;
  });
  // A server that takes the connection and then hangs would never end the handshake.
  const timer = setTimeout(() => {
    cause ??= new Error("no answer");
    redis.disconnect();
  }, ANSWER_MS_MAX);
  try {
    await redis.connect();
    // Not by ioredis' option, which goes on with database 0 where the server does not have this one.
    if (address.db !== 0) await redis.select(address.db);
    return redis;
  } catch (error) {
    if (redis.status !== "end") redis.disconnect();
    throw cause ?? error;
  } finally {
    clearTimeout(timer);
  }
}

function placeOf({ place }: RedisAddress): RedisOptions {
  if (place.kind === "socket") return { path: place.path };
  const { host, port, tls } = place;
  return { host, port, ...(tls ? { tls: {} } : {}) };
}

/** Answers that mean: not now. */
const NOT_NOW = /^(LOADING|MISCONF|OOM|BUSY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS|UNBLOCKED)\b/;
/** Answers that mean: not you, or not here. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^(NOAUTH|WRONGPASS|ERR AUTH|ERR invalid password)/, "put the right user and password into REDIS_URL"],
  [/^NOPERM/, "let this user run EVALSHA, EVAL, HSET, SADD, SMEMBERS, EXISTS … on rsvpulse:*"],
  [/^READONLY/, "this is a replica: give the address of the one that takes writes"],
];

/** Errors of ours, which waiting does not mend. */
const isDefect = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

const isReply = (error: unknown): boolean => error instanceof Error && error.name === "ReplyError";

function failureOf(error: unknown, { shown }: RedisAddress): Error {
  const reason = reasonOf(error);
  if (!isReply(error)) return new StoreAway(AWAY_WORDS[reason] ?? reason, error);
  const refusal = REFUSALS.find(([pattern]) => pattern.test(reason));
  if (refusal !== undefined) {
    return new ToolError("permission", `Redis at ${shown} refuses: ${reason}; ${refusal[1]}`, {
      cause: error,
    });
  }
  if (NOT_NOW.test(reason)) return new StoreAway(reason, error);
  return new ToolError("unavailable", `Redis at ${shown} does not understand: ${reason}`, { cause: error });
}

/** ioredis' words, and ours. */
const AWAY_WORDS: Readonly<Record<string, string>> = {
  "Command timed out": `no answer within ${ANSWER_MS_MAX / 1000} s`,
  "Connection is closed.": "it closed the connection",
  "Stream isn't writeable and enableOfflineQueue options is false": "it closed the connection",
};
