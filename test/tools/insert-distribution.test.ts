import assert from "node:assert/strict";
import { test } from "node:test";
import { redisStore } from "../../src/store/redis.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { redisLink } from "../../src/store/redis-link.ts";
import { redisServer } from "../support/redis-server.ts";
import { runTool } from "../support/run-tool.ts";
import { outageSuite } from "./outages.ts";

const NOON = 1_489_924_800_000;
const KEYS = ["CA", "NY", null, "FL", "CA"];
const server = await redisServer();
const env = { REDIS_URL: server.url };

const eventLine = (t: number, stream: string, key: string | null) =>
  `{"t":${t},"at":${t},"stream":"${stream}","key":${JSON.stringify(key)},"id":null,"event":{"n":1}}\n`;
const eventLines = (from: number, count: number, stream: string) =>
  Array.from({ length: count }, (_, i) =>
    eventLine(NOON + (from + i) * 100, stream, KEYS[(from + i) % KEYS.length]!),
  );

async function countsOf(stream: string): Promise<Record<string, number>> {
  // A connection of its own, for the server's end in a test ends those of before.
  const store = redisStore(redisLink(parseRedisAddress(server.url)));
  const reading = await store.readCounts({ stream, seconds: 0, views: ["all"] }).finally(() => store.close());
  return Object.fromEntries([...(reading?.all ?? [])].sort());
}
const expectedOf = (written: number) => ({
  CA: (written / 5) * 2,
  FL: written / 5,
  NY: written / 5,
});
const count = (stream: string, args: readonly string[], input: string) =>
  runTool("insert-distribution", ["--stream", stream, ...args], { env, input });

test("events are counted by category, with a summary that adds up", async () => {
  const input = `${eventLines(0, 10, "plain").join("")}{"tick":${NOON},"at":${NOON},"stream":"plain"}\n{"x":1}\nno\n`;
  const { code, out, err } = await count("plain", [], input);
  assert.deepEqual([code, out], [0, ""]);
  assert.deepEqual(await countsOf("plain"), expectedOf(10));
  assert.match(
    err,
    /\n?insert-distribution: 13 read = 8 counted \+ 2 unkeyed \+ 1 ticks \+ 1 ignored \+ 1 bad\n$/,
  );
});

test("--keys counts only these, names trimmed; --other counts the rest as one, but for what has no key", async () => {
  const input = eventLines(0, 10, "some").join("");
  const only = await count("", ["--keys", "CA, TX"], input);
  assert.match(only.err, /10 read = 4 counted \+ 2 unkeyed \+ 4 left out\n$/);
  assert.deepEqual(await countsOf("some"), { CA: 4 });
  const rest = await count("", ["--keys", "CA,TX", "--other"], input.replaceAll("some", "rest"));
  assert.match(rest.err, /10 read = 8 counted \+ 2 unkeyed\n$/);
  assert.deepEqual(await countsOf("rest"), { CA: 4, other: 4 });
});

test("further categories than --max-categories are refused, told once and counted; --other takes them", async () => {
  const input = eventLines(0, 10, "few").join("");
  const refused = await count("", ["--max-categories", "1"], input);
  assert.equal(refused.code, 0);
  assert.equal(refused.err.match(/more than 1 categories/g)?.length, 1);
  assert.match(refused.err, /10 read = 4 counted \+ 2 unkeyed \+ 4 refused\n$/);
  assert.deepEqual(await countsOf("few"), { CA: 4 });
  const taken = await count("", ["--max-categories", "1", "--other"], input.replaceAll("few", "taken"));
  assert.match(taken.err, /10 read = 8 counted \+ 2 unkeyed\n$/);
  assert.deepEqual(await countsOf("taken"), { CA: 4, other: 4 });
});

test("raw messages are counted with --time and --key, and one stamped a day ahead waits and is refused", async () => {
  const ahead = NOON + 86_400_000;
  const times = [NOON, NOON + 1000, ahead, NOON + 2000];
  const input = times.map((t) => `{"mtime":${t},"where":{"state":"CA"}}\n`).join("");
  const { err } = await count("raw", ["--time", "mtime", "--key", "where.state"], input);
  assert.match(err, /4 read = 3 counted \+ 1 ahead\n$/);
  assert.deepEqual(await countsOf("raw"), { CA: 3 });
  const last = await count(
    "raw-last",
    ["--time", "mtime", "--key", "where.state"],
    input.split("\n").slice(0, 3).join("\n"),
  );
  assert.match(
    last.err,
    /3 read = (3 counted|2 counted \+ 1 ahead)\n$/,
    "one that waits at the end is told of",
  );
});

test("what --redact removed from a message is in no sample", async () => {
  const line = `{"mtime":${NOON},"event":{"event_name":"Secret hike","event_url":"https://x.org/1"}}\n`;
  const tick = `{"tick":${NOON + 1000},"at":${NOON + 1000},"stream":"hidden","connected":true}\n`;
  const redacted = await runTool(
    "ingest",
    [
      "--replay",
      "-",
      "--speed",
      "max",
      "--stream",
      "hidden",
      "--time",
      "mtime",
      "--redact",
      "event.event_name",
    ],
    { input: line },
  );
  assert.equal(redacted.code, 0, redacted.err);
  await count("", [], redacted.out + tick);
  const store = redisStore(redisLink(parseRedisAddress(server.url)));
  const request = { stream: "hidden", seconds: 900, views: [] } as const;
  const reading = await store.readCounts(request).finally(() => store.close());
  const [sample] = reading?.completed[0]?.samples ?? [];
  assert.deepEqual(sample, { key: null, id: null, text: "event", url: "https://x.org/1" });
});

test("a key of more than 256 characters is refused, told once, and its line is handed on", async () => {
  const lines = [256, 257, 300].map((length) => eventLine(NOON, "long", "x".repeat(length))).join("");
  const { code, out, err } = await count("", ["--pass"], lines);
  assert.deepEqual([code, out], [0, lines]);
  assert.equal(err.match(/a key of over 256 characters/g)?.length, 1);
  assert.match(err, /3 read = 1 counted \+ 2 refused\n$/);
  assert.deepEqual(await countsOf("long"), { ["x".repeat(256)]: 1 });
  const taken = await count("", ["--other"], lines.replaceAll("long", "long-taken"));
  assert.match(taken.err, /3 read = 3 counted\n$/);
  assert.deepEqual(await countsOf("long-taken"), { other: 2, ["x".repeat(256)]: 1 });
});

test("half a character in a key is the replacement character in Redis too", async () => {
  const line = eventLine(NOON, "halves", "CA").replace("CA", "\\ud83d");
  await count("", [], line + line);
  assert.deepEqual(await countsOf("halves"), { "\ufffd": 2 });
});

test("what came before a line that --strict ends at is stored", async () => {
  const { code, err } = await count("", ["--strict"], `${eventLines(0, 5, "strict").join("")}nonsense\n`);
  assert.equal(code, 65);
  assert.deepEqual(await countsOf("strict"), expectedOf(5));
  assert.match(err, /6 read = 4 counted \+ 1 unkeyed \+ 1 bad\n$/);
});

test("an input that begins behind what is stored is told so", async () => {
  await count("", [], eventLines(0, 5, "behind").join(""));
  await count("", [], eventLines(6000, 5, "behind").join(""));
  const { code, err } = await count("", [], eventLines(0, 5, "behind").join(""));
  assert.equal(code, 0);
  assert.match(
    err,
    /stream behind begins 10 min behind what the store holds of it: its events are added to those/,
  );
  assert.deepEqual(await countsOf("behind"), expectedOf(15));
});

outageSuite({
  tool: "insert-distribution",
  part: "counted",
  server,
  args: [],
  lines: eventLines,
  held: countsOf,
  expected: expectedOf,
  parts: (written) => `${(written / 5) * 4} counted + ${written / 5} unkeyed`,
});
