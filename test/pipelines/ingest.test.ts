import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { countsOf, eventsRead, logRecords, startScript } from "../support/pipeline.ts";
import { redisServer } from "../support/redis-server.ts";
import { runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { simulated } from "../support/simulated.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const redis = await redisServer();
const start = (stream: string, url: string) =>
  startScript("ingest.sh", ["--dry-run", "--url", url, "--stream", stream, "--stall", "2s"], {
    REDIS_URL: redis.url,
    RSVPULSE_TTL: "1h",
  });

async function storedGaps(stream: string): Promise<number> {
  const { out, err } = await runTool("avg", ["--once", "--stream", stream], {
    env: { REDIS_URL: redis.url },
  });
  assert.notEqual(out, "", err);
  return (JSON.parse(out) as { count: number }).count;
}

const storedSoFar = async (stream: string, count: number) =>
  (await storedGaps(stream).catch(() => 0)) >= count;

/**
 * Every event that ingest wrote is a gap in Redis, but for the first, the late ones, and those that came again in a run that
 * goes on; and the other branches read every one.
 */
async function assertNothingLost(stream: string, err: string): Promise<void> {
  const [ingest, diff, insert] = ["ingest", "diff", "redis-insert"].map((tool) => countsOf(err, tool));
  assert.ok(ingest!("events") > 50, `only ${ingest!("events")} events`);
  assert.equal(diff!("first"), 1, err);
  assert.equal(diff!("gaps"), ingest!("events") - diff!("late") - diff!("repeats") - 1, err);
  assert.equal(insert!("stored"), diff!("gaps"), err);
  assert.equal(await storedGaps(stream), diff!("gaps"), err);
  for (const tool of ["insert-distribution", "unusualness"]) {
    assert.equal(eventsRead(err, tool), ingest!("events"), `${tool}: ${err}`);
  }
}

test("a stream that is cut every second, stalls and sends broken lines loses and repeats nothing; nor does SIGTERM", async () => {
  const { url, tool } = await simulated("every=1s:cut,every=1500ms:garbage=2,4s:stall:3s");
  let err = "";
  for (const goal of [60, 120]) {
    const script = start("cut", url);
    await until(`${goal} gaps are stored and the stream was cut`, async () => {
      return (
        logRecords(script.err()).some(({ message }) => String(message).startsWith("connected again")) &&
        (await storedSoFar("cut", goal))
      );
    });
    script.child.kill("SIGTERM");
    const outcome = await script.ended;
    assert.equal(outcome.code, 143, outcome.err);
    err += outcome.err;
  }
  tool.child.kill("SIGINT");
  await tool.ended;
  assert.ok(countsOf(err, "ingest")("bad") > 0);
  assert.ok(countsOf(err, "ingest")("repeats") > 0);
  await assertNothingLost("cut", err);
});

test("a Redis that is stopped and started again, and one that hangs, lose nothing", async () => {
  const { url, tool } = await simulated("every=2s:cut");
  const script = start("outage", url);
  await until("some gaps are stored", () => storedSoFar("outage", 20));
  await redis.stop();
  await until("redis-insert says so", () =>
    logRecords(script.err()).some(
      ({ tool: name, severity }) => name === "redis-insert" && severity === "WARNING",
    ),
  );
  await delay(2000);
  await redis.start();
  await until("gaps are stored again", () => storedSoFar("outage", 100));
  redis.pause();
  await delay(4000);
  redis.resume();
  await until("gaps are stored after the pause", () => storedSoFar("outage", 250));
  script.child.kill("SIGTERM");
  const { err } = await script.ended;
  tool.child.kill("SIGINT");
  await tool.ended;
  await assertNothingLost("outage", err);
});

test("SIGTERM to the source alone lets the pipe drain", async () => {
  const { url, tool } = await simulated("5s:silence:1s");
  const script = start("source", url);
  await until("some gaps are stored", () => storedSoFar("source", 60));
  const source = logRecords(script.err()).length;
  assert.ok(source > 0);
  tool.child.kill("SIGTERM");
  await until("ingest has lost its source", () =>
    logRecords(script.err()).some(({ tool: name, wait }) => name === "ingest" && wait !== undefined),
  );
  script.child.kill("SIGINT");
  script.child.kill("SIGTERM");
  const { err } = await script.ended;
  await tool.ended;
  await assertNothingLost("source", err);
});

test("without a Redis the script ends within 6 s with 69, and each tool that needs one says so once", async () => {
  const { url, tool } = await simulated("30s:cut");
  const begun = performance.now();
  const script = startScript("ingest.sh", ["--dry-run", "--url", url], {
    REDIS_URL: `unix://${folder}/none.sock`,
  });
  const { code, err } = await script.ended;
  tool.child.kill("SIGTERM");
  await tool.ended;
  assert.equal(code, 69);
  const complaints = logRecords(err).filter(({ message }) => /cannot reach Redis/.test(String(message)));
  assert.deepEqual(
    complaints.map(({ tool: name }) => name).sort(),
    ["ingest", "insert-distribution", "redis-insert", "unusualness"],
    err,
  );
  assert.ok(performance.now() - begun < 15_000);
});

test("across cut connections every message of the source comes once, in the order it was sent", async () => {
  const { url, tool } = await simulated("every=700ms:cut", ["--disorder", "none"]);
  const ingest = startTool("ingest", ["--url", url, "--raw"]);
  const received = () => ingest.out().split("\n").slice(0, -1);
  await until("messages came over several connections", () => received().length > 300);
  ingest.child.kill("SIGINT");
  assert.equal((await ingest.ended).code, 130);
  const history = startTool("ingest", ["--url", `${url}?since_mtime=1`, "--raw"]);
  const last = received().at(-1)!;
  await until("the history is complete", () => history.out().includes(`${last}\n`));
  history.child.kill("SIGINT");
  await history.ended;
  tool.child.kill("SIGINT");
  await tool.ended;
  const brief = (line: string) => /"rsvp_id":\d+,"mtime":\d+/.exec(line)?.[0];
  const sent = history.out().split("\n");
  const from = sent.indexOf(received()[0]!);
  assert.deepEqual(received().map(brief), sent.slice(from, from + received().length).map(brief));
});
