import type { Redis } from "ioredis";
import { HISTORY_SECONDS } from "../core/stream-time.ts";
import type { GapCell } from "../rate/gap-window.ts";
import { newestOf } from "./gap-batches.ts";
import { COMMIT_GAPS, READ_GAPS } from "./gap-scripts.ts";
import { branchKeys } from "./keys.ts";
import { commitWords, headWords, orUndefined, type Words } from "./redis-batch.ts";
import type { RedisLink } from "./redis-link.ts";
import { SWEEP_SECONDS } from "./script-frames.ts";
import type { Committed, GapBatch, Reading, ReadRequest } from "./store.ts";

export async function commitGaps(redis: Redis, link: RedisLink, batch: GapBatch): Promise<Committed> {
  const { meta, writerPrefix, secondPrefix } = branchKeys(batch.stream, "gaps");
  const expire = batch.ttl + HISTORY_SECONDS + SWEEP_SECONDS;
  const words = headWords(batch, { prefix: secondPrefix, newest: newestOf(batch.cells), expire });
  const { edge } = batch;
  words.push(batch.ttl, edge?.t ?? "", edge?.prints ?? "", batch.cells.size);
  for (const [second, cell] of batch.cells) pushCell(words, second, cell);
  const { applied, before } = await commitWords(redis, link, {
    stream: batch.stream,
    script: COMMIT_GAPS,
    keys: [meta, writerPrefix + batch.writer],
    words,
  });
  return { applied, before };
}

function pushCell(words: Words, second: number, cell: GapCell): void {
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

export async function readGaps(
  redis: Redis,
  link: RedisLink,
  request: ReadRequest,
): Promise<Reading | undefined> {
  const keys = branchKeys(request.stream, "gaps");
  const words = [keys.secondPrefix, request.seconds, request.from ?? ""];
  const reply = (await link.script(redis, READ_GAPS, [keys.meta], words)) as ReadReply | null;
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
