import type { Redis } from "ioredis";
import type { GapCell } from "../rate/gap-window.ts";
import { newestOf } from "./gap-batches.ts";
import { branchKeys, STREAMS_KEY } from "./keys.ts";
import type { RedisLink } from "./redis-link.ts";
import { COMMIT, READ } from "./scripts.ts";
import type { Branch, Committed, GapBatch, Reading, ReadRequest, Store } from "./store.ts";

/** The store on a Redis server. Each method is one round trip; `streams` is two. */
export function redisStore(link: RedisLink): Store {
  return {
    streams: (branch) => link.run((redis) => streams(redis, branch)),
    commit: (batch) => link.run((redis) => commit(redis, link, batch)),
    read: (request) => link.run((redis) => read(redis, link, request)),
    close: () => link.close(),
  };
}

async function streams(redis: Redis, branch: Branch): Promise<string[]> {
  const names = await redis.smembers(STREAMS_KEY);
  // A name outlives its data.
  const there = await Promise.all(names.map((name) => redis.exists(branchKeys(name, branch).meta)));
  return names.filter((_, i) => there[i] === 1).sort();
}

async function commit(redis: Redis, link: RedisLink, batch: GapBatch): Promise<Committed> {
  const keys = branchKeys(batch.stream, "gaps");
  const flag = (connected: boolean) => (connected ? 1 : 0);
  const words: (string | number)[] = [
    keys.secondPrefix,
    batch.sequence,
    batch.ttl,
    batch.first.time,
    flag(batch.first.connected),
    batch.last.time,
    flag(batch.last.connected),
    newestOf(batch.cells) ?? "",
    batch.cursor ?? "",
    batch.cells.size,
    batch.blind.length,
  ];
  for (const [second, cell] of batch.cells) pushCell(words, second, cell);
  for (const { from, to } of batch.blind) words.push(from, to);
  // Named before it holds anything, and again each time: a Redis that was emptied learns it anew.
  const [, reply] = await Promise.all([
    redis.sadd(STREAMS_KEY, batch.stream),
    link.script(redis, COMMIT, [keys.meta, keys.writerPrefix + batch.writer], words),
  ]);
  const [applied, before] = reply as [number, string];
  return { applied: applied === 1, before: before === "" ? undefined : Number(before) };
}

function pushCell(words: (string | number)[], second: number, cell: GapCell): void {
  words.push(second, cell.count, cell.sumMicros, cell.minMicros, cell.maxMicros, cell.newest);
}

type ReadReply = [
  time: string,
  connected: string,
  newest: string,
  ttl: string,
  staleMs: number,
  count: number,
  sum: number,
  min: number | "",
  max: number | "",
  completed: (number | string)[],
];
/** Values of one completed second in the reply. */
const SECOND_WORDS = 6;

async function read(redis: Redis, link: RedisLink, request: ReadRequest): Promise<Reading | undefined> {
  const keys = branchKeys(request.stream, "gaps");
  const words = [keys.secondPrefix, request.seconds, request.from ?? ""];
  const reply = (await link.script(redis, READ, [keys.meta], words)) as ReadReply | null;
  if (reply === null) return undefined;
  const [time, connected, newest, ttl, staleMs, count, sum, min, max, flat] = reply;
  return {
    time: Number(time),
    connected: connected === "1",
    newest: orUndefined(newest),
    ttl: Number(ttl),
    stale: staleMs / 1000,
    count,
    sumMicros: sum,
    minMicros: orUndefined(min),
    maxMicros: orUndefined(max),
    completed: Array.from({ length: flat.length / SECOND_WORDS }, (_, i) => {
      const [second, events, blind, newestThen, windowCount, windowSum] = flat.slice(i * SECOND_WORDS);
      return {
        second: Number(second),
        events: Number(events),
        connected: blind === 0,
        newest: orUndefined(newestThen),
        count: Number(windowCount),
        sumMicros: Number(windowSum),
      };
    }),
  };
}

const orUndefined = (word: string | number | undefined): number | undefined =>
  word === undefined || word === "" ? undefined : Number(word);
