import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { redisServer } from "../support/redis-server.ts";
import { runTool, startTool } from "../support/run-tool.ts";
import { until } from "../support/until.ts";

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

/** Feeds gaps in small pieces while something happens to the server; gives what the tool said. */
async function feedWhile(stream: string, happening: (err: () => string) => Promise<void>) {
  const tool = startTool("redis-insert", ["--ttl", "1h", "--pass"], { env });
  let written = 0;
  const write = async (pieces: number) => {
    for (let i = 0; i < pieces; i++) {
      const lines = gapLines(written, 10, stream);
      written += lines.length;
      if (!tool.child.stdin.write(lines.join(""))) await once(tool.child.stdin, "drain");
    }
  };
  await write(5);
  await until("the first gaps are stored", () => tool.out().length > 0);
  const done = happening(tool.err);
  await write(50);
  await done;
  await write(5);
  tool.child.stdin.end();
  return { ...(await tool.ended), written };
}

test("a Redis that is stopped and started in the middle loses nothing and counts nothing twice", async () => {
  const { code, err, out, written } = await feedWhile("stopped", async () => {
    await server.stop();
    await server.start();
  });
  assert.equal(code, 0, err);
  assert.equal(await countOf("stopped"), written);
  assert.equal(out, gapLines(0, written, "stopped").join(""), "--pass hands the lines on, in order");
  assert.match(err, new RegExp(`redis-insert: ${written} read = ${written} stored\n$`));
});

test("a Redis that hangs is told once, waited for, and counts each batch once", async () => {
  const { code, err, written } = await feedWhile("hanging", async (told) => {
    server.pause();
    // Only then is a batch on its way that is sent once more.
    await until("it is told that the store is away", () => /the store is away/.test(told()));
    server.resume();
  });
  assert.equal(code, 0, err);
  assert.equal(err.match(/the store is away \(/g)?.length, 1);
  assert.match(err, /the store is back after/);
  assert.equal(await countOf("hanging"), written);
});

test("a Redis that stays away at the end is given up: 69, and the summary says how many were not stored", async () => {
  const tool = startTool("redis-insert", ["--give-up", "300ms"], { env });
  tool.child.stdin.write(gapLines(0, 10, "lost").join(""));
  await until("they are stored", async () => (await countOf("lost")) === 10);
  await server.stop();
  tool.child.stdin.end(gapLines(10, 7, "lost").join(""));
  const { code, err } = await tool.ended;
  await server.start();
  assert.equal(code, 69);
  assert.match(err, /the store is away \(.+\); its return is waited for\n/);
  assert.match(err, /7 records were not stored\n/);
  assert.match(err, /17 read = 10 stored \+ 7 not stored\n$/);
});

test("SIGTERM stores what was read and ends with 143", async () => {
  const tool = startTool("redis-insert", ["--pass"], { env });
  tool.child.stdin.write(gapLines(0, 10, "terminated").join(""));
  await until("it works", () => tool.out().length > 0);
  tool.child.kill("SIGTERM");
  assert.equal((await tool.ended).code, 143);
  assert.equal(await countOf("terminated"), 10);
});

test("a replica refuses for good: 77, at once, though the input goes on", async () => {
  await server.command("REPLICAOF", "127.0.0.1", "1");
  const tool = startTool("redis-insert", [], { env });
  tool.child.stdin.write(gapLines(0, 10, "replica").join(""));
  const { code, err } = await tool.ended;
  await server.command("REPLICAOF", "NO", "ONE");
  assert.equal(code, 77);
  assert.match(err, /READONLY.*takes writes/);
  assert.match(err, /10 read = 0 stored \+ 10 not stored\n$/);
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
