import type { Redis } from "ioredis";
import { HISTORY_SECONDS } from "../core/stream-time.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import type { CountedSecond } from "../distribution/counts.ts";
import { decayUntil } from "../distribution/decay.ts";
import type { SampleEvent } from "../records/sample-event.ts";
import { COMMIT_COUNTS, READ_COUNTS } from "./count-scripts.ts";
import { branchKeys, runKeys } from "./keys.ts";
import { commitWords, headWords, orUndefined, type Words } from "./redis-batch.ts";
import type { RedisLink } from "./redis-link.ts";
import { SWEEP_SECONDS } from "./script-frames.ts";
import type { CountBatch, CountsCommitted, CountsReading, CountsRequest } from "./store.ts";
import { packTrail } from "./trail.ts";

/** A double, or a pair of a place and a count, bytes. */
const ITEM_BYTES = 8;

/** Names of the keys that hold a stream's totals. */
const totalKeys = (prefix: string) =>
  ["known", "names", "all", "recent"].map((name) => prefix + name) as [string, string, string, string];

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
    keys: [
      meta,
      writerPrefix + batch.writer,
      ...totalKeys(secondPrefix),
      runKeys(batch.stream).trail,
      branchKeys(batch.stream, "gaps").meta,
    ],
    words,
  });
  return { applied, before, refused: result };
}

function pushCounts(words: Words, batch: CountBatch): void {
  const { landmark, categories, cells, categoriesMax, other, selective } = batch;
  words.push(
    selective ? 1 : 0,
    landmark,
    categoriesMax,
    other === undefined ? 0 : 1,
    other ?? "",
    categories.size,
  );
  const numbers = new Map<string, number>();
  for (const [name, { count, weight }] of categories) {
    words.push(name, count, weight);
    numbers.set(name, numbers.size + 1);
  }
  words.push(cells.size);
  for (const [second, { rest, late, byKey, samples }] of cells) {
    words.push(second, rest, late, byKey.size, samples.length);
    for (const [name, count] of byKey) words.push(numbers.get(name)!, count);
    for (const sample of samples) words.push(JSON.stringify(sample));
  }
  const { footprints, run } = batch;
  words.push(footprints === undefined ? "" : packTrail({ ...footprints, run: run ?? 0 }));
}

type SecondReply = [
  rest: Buffer | null,
  late: Buffer | null,
  blind: Buffer | null,
  fresh: Buffer | null,
  samples: Buffer | null,
];
type ReadReply = [
  time: Buffer,
  connected: Buffer,
  newest: Buffer,
  landmark: Buffer,
  staleMs: number,
  from: number,
  completed: SecondReply[],
  names: Buffer,
  all: Buffer,
  recent: Buffer,
  selective: number,
];

export type CountsReader = (
  redis: Redis,
  link: RedisLink,
  request: CountsRequest,
) => Promise<CountsReading | undefined>;

/**
 * Reads counts. Remembers the categories of up to 1000 streams, so that their names are not built for each reading; of
 * more it begins anew.
 */
export function countsReader(): CountsReader {
  const streams = new Map<string, { readonly text: Buffer; readonly names: readonly string[] }>();

  /** The names in a reply, by place. */
  function namesOf(stream: string, text: Buffer): readonly string[] {
    const known = streams.get(stream);
    if (known?.text.equals(text) === true) return known.names;
    const names = JSON.parse(`[${text.subarray(0, -1).toString("utf8")}]`) as readonly string[];
    if (streams.size >= STREAMS_MAX) streams.clear();
    streams.set(stream, { text, names });
    return names;
  }

  return async (redis, link, { stream, seconds, from, views }) => {
    const { meta, secondPrefix } = branchKeys(stream, "counts");
    const wanted = { all: views.includes("all"), recent: views.includes("recent") };
    const words = [secondPrefix, seconds, from ?? "", wanted.all ? 1 : 0, wanted.recent ? 1 : 0];
    const [, ...keys] = totalKeys(secondPrefix);
    const reply = (await link.scriptBytes(redis, READ_COUNTS, [meta, ...keys], words)) as ReadReply | null;
    if (reply === null) return undefined;
    const time = Number(reply[0]);
    const names = namesOf(stream, reply[7]);
    const factor = wanted.recent ? decayUntil(time, Number(reply[3])) : 1;
    return {
      time,
      connected: reply[1].toString() === "1",
      newest: orUndefined(reply[2].toString()),
      stale: reply[4] / 1000,
      completed: reply[6].map((second, i) => secondFrom(reply[5] + i, second, names)),
      all: wanted.all ? weightsFrom(reply[8], names, 1) : undefined,
      recent: wanted.recent ? weightsFrom(reply[9], names, factor) : undefined,
      selective: reply[10] === 1,
    };
  };
}

/** Events at a place without a name, whose key was lost, are of no category. */
function secondFrom(second: number, reply: SecondReply, names: readonly string[]): CountedSecond {
  const [rest, late, blind, fresh, samples] = reply;
  const byKey = new Map<string, number>();
  let unnamed = 0;
  for (let i = 0; fresh !== null && i < fresh.length; i += ITEM_BYTES) {
    const [name, count] = [names[fresh.readUInt32LE(i)], fresh.readUInt32LE(i + 4)];
    if (name === undefined) unnamed += count;
    else byKey.set(name, count);
  }
  const others = Number(rest ?? 0) + unnamed;
  const cell = { byKey, rest: others, late: Number(late ?? 0), samples: samplesFrom(samples) };
  return { second, connected: blind === null, ...cell };
}

/** One a line, for JSON has no raw line break. */
const samplesFrom = (lines: Buffer | null): SampleEvent[] =>
  lines === null ? [] : JSON.parse(`[${lines.toString("utf8").trimEnd().replaceAll("\n", ",")}]`);

function weightsFrom(packed: Buffer, names: readonly string[], factor: number): Map<string, number> {
  // A copy, for a reply's bytes need not lie where a Float64Array may begin.
  const numbers = new Float64Array(Uint8Array.from(packed).buffer);
  const weights = new Map<string, number>();
  for (let place = 0; place < names.length; place++)
    weights.set(names[place]!, (numbers[place] ?? 0) * factor);
  return weights;
}
