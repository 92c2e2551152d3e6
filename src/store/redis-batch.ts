import type { Redis } from "ioredis";
import { runKeys, STREAMS_KEY } from "./keys.ts";
import type { RedisLink } from "./redis-link.ts";
import { type BatchHead, type Committed, superseded } from "./store.ts";

export type Words = (string | number | Buffer)[];

/** What stands around a batch's own words. */
export interface BatchFrame {
  readonly prefix: string;
  readonly newest: number | undefined;
  /** Wall seconds that a second is kept. */
  readonly expire: number;
}

/** The words that every commit begins with; see `commitScript`. */
export function headWords(head: BatchHead, { prefix, newest, expire }: BatchFrame): Words {
  const flag = (connected: boolean) => (connected ? 1 : 0);
  const { first, last, blind, place } = head;
  return [
    prefix,
    head.sequence,
    first.time,
    flag(first.connected),
    last.time,
    flag(last.connected),
    newest ?? "",
    head.run ?? "",
    place?.cursor ?? "",
    place?.passed ?? "",
    Math.ceil(expire),
    blind.length,
    ...blind.flatMap(({ from, to }) => [from, to]),
  ];
}

/** Runs a commit, in one round trip. */
export async function commitWords(
  redis: Redis,
  link: RedisLink,
  { stream, script, keys, words }: { stream: string; script: string; keys: readonly string[]; words: Words },
): Promise<Committed & { readonly result: number }> {
  // Named before it holds anything, and again each time: a Redis that was emptied learns it anew.
  const [, reply] = await Promise.all([
    redis.sadd(STREAMS_KEY, stream),
    link.script(redis, script, [...keys, runKeys(stream).run], words),
  ]);
  const [applied, before, result] = reply as [number, string, number];
  if (applied === -1) throw superseded(stream);
  return { applied: applied === 1, before: before === "" ? undefined : Number(before), result };
}

/** A number of a reply; undefined where it is not there. */
export const orUndefined = (word: string | number | undefined): number | undefined =>
  word === undefined || word === "" ? undefined : Number(word);
