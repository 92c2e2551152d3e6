import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { RateRecord } from "../../src/records/rate.ts";
import { redisServer } from "../support/redis-server.ts";
import { runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const NOON = 1_489_924_800_000;
const server = await redisServer();
const env = { REDIS_URL: server.url };
const folder = scratchFolder();

const gapsOf = (stream: string, from: number, to: number) => {
  let lines = "";
  for (let i = from; i < to; i++) {
    const at = NOON + i * 700;
    lines += `{"t":${at - 100},"at":${at},"stream":"${stream}","diff":${(i % 7) / 10}}\n`;
  }
  return lines;
};
const store = async (input: string) => {
  const { code, err } = await runTool("redis-insert", ["--ttl", "30s"], { env, input });
  assert.equal(code, 0, err);
};
const recordsOf = (out: string): RateRecord[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

test("before anything is stored, --once says so with 69, and polling waits until there is something", async () => {
  const once = await runTool("avg", ["--once"], { env });
  assert.equal(once.code, 69);
  assert.match(once.err, /^avg: nothing has been stored yet: start scripts\/ingest.sh.*\n$/);
  const tool = startTool("avg", ["--every", "50ms"], { env });
  await until("it says that it waits", () => tool.err().includes("nothing has been stored yet; waiting"));
  await store(gapsOf("first", 0, 10));
  await until("it tells records", () => recordsOf(tool.out()).length >= 2);
  tool.child.kill("SIGINT");
  const { code, out, err } = await tool.ended;
  assert.equal(code, 130);
  const [first] = recordsOf(out);
  assert.deepEqual([first?.stream, first?.count, first?.events, first?.seconds], ["first", 10, 0, 0]);
  assert.match(err, /\d+ polls = \d+ readings \+ \d+ waiting\n$/);
});

test("--once --state tells each second once, as avg --stdin does, however the runs fall", async () => {
  const state = `${folder}/avg.state`;
  const args = ["--once", "--state", state, "--stream", "cron"];
  await store(gapsOf("cron", 0, 1));
  const told: RateRecord[] = [];
  for (const [from, to] of [
    [1, 20],
    [20, 21],
    [21, 21],
    [21, 400],
  ] as const) {
    told.push(...recordsOf((await runTool("avg", args, { env })).out));
    await store(gapsOf("cron", from, to));
  }
  told.push(...recordsOf((await runTool("avg", args, { env })).out));
  const input = gapsOf("cron", 0, 400);
  const direct = recordsOf((await runTool("avg", ["--stdin", "--window", "30s"], { input })).out);
  const sum = (records: RateRecord[], field: "events" | "seconds") =>
    records.reduce((total, record) => total + (record[field] ?? 0), 0);
  const complete = direct.slice(0, -1);
  assert.equal(sum(told, "events"), sum(complete, "events"));
  assert.equal(sum(told, "seconds"), sum(complete, "seconds"));
  // The seconds of the last run but its last, which is told as of now.
  const boundaries = told.filter(({ t }) => t % 1000 === 0).slice(1);
  assert.ok(boundaries.length > 240);
  for (const record of boundaries) {
    if (record.stale === 0)
      assert.deepEqual(
        record,
        direct.find(({ t }) => t === record.t),
      );
  }
  assert.equal(JSON.parse(readFileSync(state, "utf8")).kind, "avg");
});

test("a state of another stream, or none at all, is refused and left alone", async () => {
  const state = `${folder}/other.state`;
  for (const text of ['{"kind":"avg","stream":"other","second":1}', '{"kind":"check-detect"}', "oops"]) {
    writeFileSync(state, text);
    const { code, err } = await runTool("avg", ["--once", "--state", state, "--stream", "cron"], { env });
    assert.equal(code, 78, err);
    assert.equal(readFileSync(state, "utf8"), text);
  }
  const { code } = await runTool("avg", ["--once", "--state", `${folder}/missing/x`, "--stream", "cron"], {
    env,
  });
  assert.ok(code === 73 || code === 74, `${code}`);
  assert.ok(!existsSync(`${folder}/missing`));
});

test("several streams must be told apart; a misspelt one is guessed", async () => {
  const several = await runTool("avg", ["--once"], { env });
  assert.equal(several.code, 64);
  assert.match(several.err, /--stream cron \| first; or --stream all\n$/);
  const all = await runTool("avg", ["--once", "--stream", "all"], { env });
  assert.deepEqual(
    recordsOf(all.out).map(({ stream }) => stream),
    ["cron", "first"],
  );
  const misspelt = await runTool("avg", ["--once", "--stream", "corn"], { env });
  assert.equal(misspelt.code, 69);
  assert.match(misspelt.err, /did you mean cron\?/);
});

test("while the store is away the records say so, with a growing stale; it is told once, and when it is back", async () => {
  const tool = startTool("avg", ["--every", "50ms", "--stream", "first"], { env });
  await until("it tells records", () => recordsOf(tool.out()).length >= 1);
  await server.stop();
  const lost = await until("it is lost", () => {
    const records = recordsOf(tool.out()).filter(({ connected }) => !connected);
    return records.length >= 3 && records;
  });
  assert.deepEqual(
    [lost[0]?.avg, lost[0]?.count, lost[0]?.events, lost[0]?.seconds, lost[0]?.silence],
    [null, null, null, 0, null],
  );
  assert.ok(lost[2]!.stale > lost[1]!.stale && lost[1]!.stale > 0);
  await server.start();
  await until("it is back", () => recordsOf(tool.out()).at(-1)?.connected);
  tool.child.kill("SIGTERM");
  const { code, err } = await tool.ended;
  assert.equal(code, 143);
  assert.equal(err.match(/the store is away/g)?.length, 1);
  assert.equal(err.match(/the store is back/g)?.length, 1);
});

test("a reader that goes away ends it quietly", async () => {
  const tool = startTool("avg", ["--every", "50ms", "--stream", "first"], { env });
  await until("it tells records", () => tool.out().length > 0);
  tool.child.stdout.destroy();
  const { code, err } = await tool.ended;
  assert.equal(code, 0, err);
});
