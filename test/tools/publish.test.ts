import assert from "node:assert/strict";
import { test } from "node:test";
import { lines } from "../detect/rates.ts";
import { alerts, at, recording, rule } from "../detect/recording.ts";
import { publishedAlerts } from "../support/published-alerts.ts";
import { redisServer } from "../support/redis-server.ts";
import { type RunningTool, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const server = await redisServer();
const env = { REDIS_URL: server.url };
const publish = [...rule, "--publish"];

const published = (stream = "rsvps") => publishedAlerts(server.url, stream);
/** How many entries there are, repeats too. */
const entries = async (stream = "rsvps") =>
  Number(/:(\d+)/.exec(await server.command("XLEN", `rsvpulse:{${stream}/0}:alerts`))?.[1]);
const forgetAll = () => server.command("FLUSHALL");

test("check-detect --publish puts into Redis what it writes, in order, each once", async () => {
  await forgetAll();
  const { code, out, err } = await runTool("check-detect", publish, { input: lines(recording), env });
  assert.equal(code, 0, err);
  assert.ok(alerts(out).length > 5);
  assert.deepEqual(await published(), alerts(out));
  assert.equal(await entries(), alerts(out).length);
});

test("streams in one pipe are published apart", async () => {
  await forgetAll();
  const both = recording.flatMap((record) => [record, { ...record, stream: "other" }]);
  const { out, err } = await runTool("check-detect", publish, { input: lines(both), env });
  for (const stream of ["rsvps", "other"]) {
    const own = alerts(out).filter((alert) => alert.stream === stream);
    assert.ok(own.length > 5, err);
    assert.deepEqual(await published(stream), own);
  }
});

const firing = ["--below", "avg=1s", "--publish"];
/** Starts check-detect, and waits until its first alert is in Redis. */
async function startFiring(more: readonly string[] = []): Promise<RunningTool> {
  await forgetAll();
  const tool = startTool("check-detect", [...firing, ...more], { env });
  tool.child.stdin.write(at(0, 0.5));
  await until("the first alert is published", async () => (await published()).length === 1);
  return tool;
}

test("a Redis that is stopped and started in the middle holds up no alert and loses none", async () => {
  const tool = await startFiring();
  await server.stop();
  tool.child.stdin.write(at(100, 5) + at(200, 0.5) + at(300, 5));
  await until("all are written meanwhile", () => alerts(tool.out()).length >= 4);
  await until("it is told that the store is away", () => /the store is away/.test(tool.err()));
  await server.start();
  await until("all are published", async () => (await published()).length === alerts(tool.out()).length);
  tool.child.stdin.end(at(400, 0.5));
  const { code, out, err } = await tool.ended;
  assert.equal(code, 0, err);
  assert.deepEqual(await published(), alerts(out));
  assert.equal(err.match(/the store is away \(/g)?.length, 1, err);
  assert.equal(err.match(/the store is back after/g)?.length, 1, err);
});

test("a Redis that is away at the end is waited for", async () => {
  const tool = await startFiring();
  await server.stop();
  tool.child.stdin.end(at(100, 5));
  await until("it waits", () => /the store is away/.test(tool.err()));
  await server.start();
  const { code, out, err } = await tool.ended;
  assert.equal(code, 0, err);
  assert.deepEqual(await published(), alerts(out));
});

test("a Redis that stays away is given up 4 s after SIGTERM: 69, and how many were not published", async () => {
  for (const [happening, over] of [
    [() => server.stop(), () => server.start()],
    [async () => server.pause(), async () => server.resume()],
  ] as const) {
    const tool = await startFiring();
    await happening();
    tool.child.stdin.write(at(100, 5) + at(200, 0.5));
    await until("all are written", () => alerts(tool.out()).length === 3);
    await until("it is told that the store is away", () => /the store is away/.test(tool.err()));
    tool.child.kill("SIGTERM");
    const { code, err } = await tool.ended;
    await over();
    assert.equal(code, 69, err);
    assert.match(err, /^check-detect: Redis stayed away at the end \(.+\): 2 alerts were not published$/m);
  }
});

test("a Redis that was never there is 69 before anything is read", async () => {
  const input = at(0, 0.5);
  for (const tool of ["check-detect", "unusualness"]) {
    const away = { REDIS_URL: `unix://${folder}/none.sock` };
    const { code, out, err } = await runTool(tool, ["--publish"], { input, env: away });
    assert.deepEqual([code, out], [69, ""]);
    assert.match(err, /cannot reach Redis at unix:.*start one/);
  }
});

test("a Redis that refuses is told at once, and keeps no alert from the reader: 77 at the end", async () => {
  const tool = await startFiring();
  await server.command("REPLICAOF", "127.0.0.1", "1");
  tool.child.stdin.write(at(100, 5));
  await until("it is told", () => /no more alerts are published: .*READONLY.*takes writes/.test(tool.err()));
  tool.child.stdin.end(at(200, 0.5));
  const { code, out, err } = await tool.ended;
  await server.command("REPLICAOF", "NO", "ONE");
  assert.equal(code, 77, err);
  assert.equal(alerts(out).length, 3);
});

test("what came before a line that --strict ends at is published", async () => {
  await forgetAll();
  const input = `${at(0, 0.5)}garbage\n`;
  const { code } = await runTool("check-detect", [...firing, "--strict"], { input, env });
  assert.equal(code, 65);
  assert.equal((await published()).length, 1);
});

test("runs over the parts of a recording, as cron starts them, publish each alert once", async () => {
  for (const state of [`${folder}/cron.json`, "redis"]) {
    await forgetAll();
    let out = "";
    for (const part of [recording.slice(0, 320), recording.slice(320, 1110), recording.slice(1110), []]) {
      const args = [...publish, "--state", state, "--stream", "rsvps"];
      const run = await runTool("check-detect", args, { input: lines(part), env });
      assert.equal(run.code, 0, run.err);
      out += run.out;
    }
    assert.deepEqual(await published(), alerts(out));
    assert.equal(await entries(), alerts(out).length);
  }
});

test("an alert that could not be published is not told to the reader again: the state after it is saved", async () => {
  const state = ["--state", `${folder}/lost.json`];
  const tool = await startFiring(state);
  await server.stop();
  tool.child.stdin.write(at(100, 5));
  await until("its end is written", () => alerts(tool.out()).length === 2);
  await until("it is told that the store is away", () => /the store is away/.test(tool.err()));
  tool.child.kill("SIGTERM");
  assert.equal((await tool.ended).code, 69);
  await server.start();
  const next = await runTool("check-detect", [...firing, ...state], { input: at(0, 0.5) + at(100, 5), env });
  assert.equal(next.code, 0, next.err);
  assert.deepEqual(alerts(next.out), []);
});

const NOON = 1_489_924_800_000;
const event = (second: number, key: string) =>
  `${JSON.stringify({ t: NOON + second * 1000, at: NOON + second * 1000, stream: "s", key, id: null, event: {} })}\n`;
const usual = Array.from({ length: 900 }, (_, second) => event(second, second % 3 === 0 ? "NY" : "CA"));

test("unusualness --publish publishes as soon as it tells, beside a warm start too", async () => {
  for (const more of [[], ["--warm-start"]]) {
    await forgetAll();
    const tool = startTool("unusualness", ["--publish", ...more], { env });
    tool.child.stdin.write(usual.join("") + event(900, "AK"));
    const told = await until("the alert is published", async () => (await published("s"))[0]);
    assert.deepEqual([told.alert, told.why[0]?.category], ["unusual", "AK"]);
    tool.child.stdin.end(event(901, "HI"));
    const { code, out, err } = await tool.ended;
    assert.equal(code, 0, err);
    assert.deepEqual(await published("s"), alerts(out));
    assert.equal(alerts(out).length, 2);
  }
});

test("unusualness: what came before a line that --strict ends at is published", async () => {
  await forgetAll();
  const input = `${usual.join("")}${event(900, "AK")}garbage\n`;
  const { code } = await runTool("unusualness", ["--publish", "--strict"], { input, env });
  assert.equal(code, 65);
  assert.equal((await published("s")).length, 1);
});

test("--publish with what gives no alerts is 64", async () => {
  for (const [tool, option] of [
    ["check-detect", "--scores"],
    ["check-detect", "--suggest"],
    ["unusualness", "--scores"],
  ] as const) {
    const { code, err } = await runTool(tool, ["--publish", option], { env });
    assert.equal(code, 64);
    assert.equal(err, `${tool}: --publish is for alerts, and ${option} gives none: leave one out\n`);
  }
});
