import type { Redis } from "ioredis";
import { HISTORY_SECONDS } from "../core/stream-time.ts";
import type { CountedSecond } from "../distribution/counts.ts";
import { decayUntil } from "../distribution/decay.ts";
import { COMMIT_COUNTS, READ_COUNTS } from "./count-scripts.ts";
import { branchKeys } from "./keys.ts";
import { commitWords, headWords, orUndefined, type Words } from "./redis-batch.ts";
import type { RedisLink } from "./redis-link.ts";
import { SWEEP_SECONDS } from "./script-frames.ts";
import type { CountBatch, CountsCommitted, CountsReading, CountsRequest } from "./store.ts";

/** What a category's name is put behind in a second's hash, so that none is taken for another field. */
const CATEGORY_MARK = "=";

export async function commitCounts(
  redis: Redis,
  link: RedisLink,
  batch: CountBatch,
): Promise<CountsCommitted> {
  const { meta, writerPrefix, secondPrefix } = branchKeys(batch.stream, "counts");
  const expire = HISTORY_SECONDS + SWEEP_SECONDS;
  const words = headWords(batch, { prefix: secondPrefix, newest: batch.newest, expire });
  pushCounts(words, batch);
  const { applied, before, result } = await commitWords(redis, link, {
    stream: batch.stream,
    script: COMMIT_COUNTS,
    keys: [meta, writerPrefix + batch.writer, `${secondPrefix}all`, `${secondPrefix}recent`],
    words,
  });
  return { applied, before, refused: result };
}

function pushCounts(words: Words, { landmark, categories, cells, categoriesMax, other }: CountBatch): void {
  words.push(landmark, categoriesMax, other === undefined ? 0 : 1, other ?? "", categories.size);
  const numbers = new Map<string, number>();
  for (const [name, { count, weight }] of categories) {
    words.push(name, count, weight);
    numbers.set(name, numbers.size + 1);
  }
  words.push(cells.size);
  for (const [second, { rest, late, byKey }] of cells) {
    words.push(second, rest, late, byKey.size);
    for (const [name, count] of byKey) words.push(numbers.get(name)!, count);
  }
}

/** Names and values in turn. */
type FlatHash = readonly string[];
type ReadReply = [
  time: string,
  connected: string,
  newest: string,
  landmark: string,
  staleMs: number,
  from: number,
  completed: FlatHash[],
  all: FlatHash | "",
  recent: FlatHash | "",
];

export async function readCounts(
  redis: Redis,
  link: RedisLink,
  { stream, seconds, from, views }: CountsRequest,
): Promise<CountsReading | undefined> {
  const { meta, secondPrefix } = branchKeys(stream, "counts");
  const wanted = (view: "all" | "recent") => (views.includes(view) ? 1 : 0);
  const words = [secondPrefix, seconds, from ?? "", wanted("all"), wanted("recent")];
  const keys = [meta, `${secondPrefix}all`, `${secondPrefix}recent`];
  const reply = (await link.script(redis, READ_COUNTS, keys, words)) as ReadReply | null;
  if (reply === null) return undefined;
  const [time, connected, newest, landmark, staleMs, begin, completed, all, recent] = reply;
  return {
    time: Number(time),
    connected: connected === "1",
    newest: orUndefined(newest),
    stale: staleMs / 1000,
    completed: completed.map((hash, i) => secondFrom(begin + i, hash)),
    all: all === "" ? undefined : weightsFrom(all, 1),
    recent: recent === "" ? undefined : weightsFrom(recent, decayUntil(Number(time), Number(landmark))),
  };
}

function secondFrom(second: number, hash: FlatHash): CountedSecond {
  const byKey = new Map<string, number>();
  let [rest, late, connected] = [0, 0, true];
  for (let i = 0; i < hash.length; i += 2) {
    const [field, value] = [hash[i]!, Number(hash[i + 1])];
    if (field.startsWith(CATEGORY_MARK)) byKey.set(field.slice(1), value);
    else if (field === "rest") rest = value;
    else if (field === "late") late = value;
    else if (field === "blind") connected = false;
  }
  return { second, connected, byKey, rest, late };
}

function weightsFrom(hash: FlatHash, factor: number): Map<string, number> {
  const weights = new Map<string, number>();
  for (let i = 0; i < hash.length; i += 2) weights.set(hash[i]!, Number(hash[i + 1]) * factor);
  return weights;
}
