import assert from "node:assert/strict";
import { test } from "node:test";
import { redisServer } from "../support/redis-server.ts";
import { runTool } from "../support/run-tool.ts";
import { outageSuite } from "./outages.ts";

const NOON = 1_489_924_800_000;
const server = await redisServer();
const env = { REDIS_URL: server.url };

const gapLines = (from: number, count: number, stream: string) =>
  Array.from({ length: count }, (_, i) => {
    const at = NOON + (from + i) * 100;
    return `{"t":${at - 5000},"at":${at},"stream":"${stream}","diff":0.1}\n`;
  });

async function countOf(stream: string): Promise<number> {
  const { out, code } = await runTool("avg", ["--once", "--stream", stream], { env });
  return code === 0 ? (JSON.parse(out) as { count: number }).count : 0;
}

outageSuite({
  tool: "redis-insert",
  part: "stored",
  server,
  args: ["--ttl", "1h"],
  lines: gapLines,
  held: countOf,
  expected: (written) => written,
  parts: (written) => `${written} stored`,
});

test("no Redis: 69 within six seconds, one line with what to do and without the password", async () => {
  const started = performance.now();
  const { code, err } = await runTool("redis-insert", [], {
    env: { REDIS_URL: "redis://me:s3cret@127.0.0.1:1/0" },
  });
  assert.equal(code, 69);
  assert.ok(performance.now() - started < 6000);
  assert.match(
    err,
    /^redis-insert: cannot reach Redis at redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*REDIS_URL.*\n$/,
  );
  assert.doesNotMatch(err, /s3cret|me:/);
});

test("a password on the command line is warned of", async () => {
  const url = server.url.replace("unix://", "unix://default:s3cret@");
  await server.command("CONFIG", "SET", "requirepass", "s3cret");
  const { code, err } = await runTool("redis-insert", ["--redis", url], { env });
  const quiet = await runTool("redis-insert", [], { env: { REDIS_URL: url } });
  const wrong = await runTool("redis-insert", [], { env: { REDIS_URL: url.replace("s3cret", "wr0ng") } });
  await server.command("AUTH", "s3cret");
  assert.equal(code, 0, err);
  assert.match(err, /REDIS_URL/);
  assert.doesNotMatch(err, /s3cret/);
  assert.equal(quiet.err, "redis-insert: 0 read = 0 stored\n");
  assert.equal(wrong.code, 77);
  assert.match(wrong.err, /WRONGPASS.*REDIS_URL/);
});
