import assert from "node:assert/strict";
import { test } from "node:test";
import { redisServer } from "../support/redis-server.ts";
import { runTool, startCommand } from "../support/run-tool.ts";

const redis = await redisServer();
const env = { REDIS_URL: redis.url };
const forget = (...names: readonly string[]) =>
  startCommand("node", ["scripts/forget-stream.mjs", ...names], { input: "", env }).ended;
const keysOf = async (stream: string) =>
  (await redis.command("KEYS", `rsvpulse:{${stream}/0}*`))
    .split("\r\n")
    .filter((word) => word.startsWith("rsvp"));

test("one stream is forgotten, and no other, whatever its name; what is not there is said not to be", async () => {
  for (const stream of ["min", "mine", "min*", "m?n", "m[i]n"]) {
    const line = JSON.stringify({ t: 1000, at: 1000, stream, key: "CA", id: null, event: {} });
    assert.equal((await runTool("insert-distribution", [], { input: `${line}\n`, env })).code, 0);
  }
  for (const pattern of ["min*", "m?n", "m[i]n"]) {
    const { code, err } = await forget(pattern);
    assert.deepEqual([code, err], [0, `forget-stream: ${pattern} is forgotten\n`]);
  }
  assert.ok((await keysOf("min")).length > 0);
  assert.ok((await keysOf("mine")).length > 0);
  const streams = await redis.command("SMEMBERS", "rsvpulse:streams");
  assert.deepEqual(
    streams
      .split("\r\n")
      .filter((word) => /^m/.test(word))
      .sort(),
    ["min", "mine"],
  );
  assert.equal((await forget("nosuch")).err, "forget-stream: nothing is stored of a stream nosuch\n");
});

test("without a name it is a usage error", async () => {
  const { code, err } = await forget();
  assert.deepEqual([code, err], [64, "forget-stream: expected the name of one stream\n"]);
});
