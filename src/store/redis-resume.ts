import type { Redis } from "ioredis";
import { OVERLAP_MS_MAX, type Place } from "../records/place.ts";
import { branchKeys, runKeys } from "./keys.ts";
import { orUndefined } from "./redis-batch.ts";
import type { RedisLink } from "./redis-link.ts";
import type { Beginning } from "./resume-store.ts";
import { META_SECONDS } from "./script-frames.ts";
import { type Trail, unpackTrail } from "./trail.ts";

/**
 * KEYS run, meta of gaps, meta of counts, origin, trail. Gives {run, of gaps, of counts, origin or "", oldest or ""}. A
 * run's number is its time, so that it is none that was given before, even where Redis lost its newest data; `oldest` is the
 * first of the trail that has a place behind which nothing is unknown.
 */
const BEGIN_RUN = `
local now = redis.call('TIME')
local run = math.max((tonumber(redis.call('GET', KEYS[1]) or '') or 0) + 1, now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('SET', KEYS[1], string.format('%.0f', run), 'EX', ${META_SECONDS})
local gaps = redis.call('HMGET', KEYS[2], 'time', 'cursor', 'passed', 'edge', 'prints')
local counts = redis.call('HMGET', KEYS[3], 'time', 'cursor', 'passed', 'lost')
local oldest = ''
if counts[4] then
  for _, piece in ipairs(redis.call('LRANGE', KEYS[5], 0, -1)) do
    local passed, _, _, length = struct.unpack('<ddI4I2', piece)
    if length > 0 and passed - ${OVERLAP_MS_MAX} > tonumber(counts[4]) then
      oldest = piece
      break
    end
  end
end
return {string.format('%.0f', run), gaps, counts, redis.call('GET', KEYS[4]) or '', oldest}`;

type Word = Buffer | null;
type BeginReply = [run: Buffer, gaps: Word[], counts: Word[], origin: Buffer, first: Buffer];

const textOf = (word: Word | undefined): string => word?.toString() ?? "";

export async function beginRun(redis: Redis, link: RedisLink, stream: string): Promise<Beginning> {
  const { run, origin, trail } = runKeys(stream);
  const keys = [run, branchKeys(stream, "gaps").meta, branchKeys(stream, "counts").meta, origin, trail];
  const reply = (await link.scriptBytes(redis, BEGIN_RUN, keys, [])) as BeginReply;
  const [number, gaps, counts, first, oldest] = reply;
  return {
    run: Number(number.toString()),
    gaps: { ...progressOf(gaps), edge: edgeOf(textOf(gaps[3]), textOf(gaps[4])) },
    counts: progressOf(counts),
    origin: textOf(first) || undefined,
    lost: orUndefined(textOf(counts[3])),
    oldest: oldest.length === 0 ? undefined : placeIn(oldest),
  };
}

function progressOf([time, cursor, passed]: Word[]): Beginning["counts"] {
  const place = cursor ? { cursor: textOf(cursor), passed: Number(textOf(passed)) } : undefined;
  return { known: time !== null, place };
}

const edgeOf = (t: string, prints: string): Beginning["gaps"]["edge"] =>
  t === "" ? undefined : { t: Number(t), prints: JSON.parse(`[${prints}]`) as string[] };

function placeIn(trail: Buffer): Place | undefined {
  const { cursor, passed } = unpackTrail(trail);
  return cursor === undefined ? undefined : { cursor, passed };
}

export const currentRun = async (redis: Redis, stream: string): Promise<number> =>
  Number((await redis.get(runKeys(stream).run)) ?? 0);

export async function keepOrigin(redis: Redis, stream: string, line: string): Promise<void> {
  await redis.set(runKeys(stream).origin, line, "EX", META_SECONDS, "NX");
}

export async function readTrail(redis: Redis, stream: string, run: number): Promise<readonly Trail[]> {
  const pieces = await redis.lrangeBuffer(runKeys(stream).trail, 0, -1);
  return pieces.map(unpackTrail).filter((trail) => trail.run !== run);
}
