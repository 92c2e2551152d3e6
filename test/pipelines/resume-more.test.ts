import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { KilledScript, SOURCE_NAMES, type Victim } from "../support/killed-script.ts";
import type { Speech } from "../support/numbered-channels.ts";
import {
  type NumberedSource,
  type NumberedSourceOptions,
  numberedSource,
} from "../support/numbered-source.ts";
import { logRecords } from "../support/pipeline.ts";
import { redisServer } from "../support/redis-server.ts";
import { startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import type { Demand } from "../support/stored-counts.ts";
import { until } from "../support/until.ts";

const SEED = process.env["RSVPULSE_SEED"] ?? "1";
/** One of each: the source, what holds events, what commits, all. */
const FEW: readonly Victim[] = ["ingest", "diff", "insert-distribution", "ingest.sh"];

/** A source, a Redis and a script that has begun. */
async function setting(
  speech: Speech,
  options: Omit<NumberedSourceOptions, "rate"> & { rate?: number } = {},
) {
  const redis = await redisServer();
  const source = await numberedSource({ rate: 60, seed: SEED, ...options });
  const run = new KilledScript({ source, speech, redis: redis.url, seed: SEED });
  after(() => run.stored.close());
  await run.begin();
  return { redis, source, run };
}

/** Makes no more messages, and waits until each is stored once. */
async function assertExact(
  run: KilledScript,
  source: NumberedSource,
  demanded: () => Demand = () => source.stream.demanded(),
): Promise<void> {
  await run.connected();
  source.stopMaking();
  const difference = await run.settled(demanded);
  assert.ok(difference === "", `${difference}\n${run.story()}`);
}

// Most of the time is spent waiting for starts and instants.
describe("going on", { concurrency: 3 }, () => {
  for (const speech of ["ndjson", "ws"] as const) {
    test(`${speech}: of messages that are the same byte for byte each counts`, async () => {
      const { source, run } = await setting(speech, { rate: 300, twins: 0.3, afterCursor: true });
      for (const victim of FEW) await run.killNext(victim);
      await assertExact(run, source);
    });
  }

  for (const speech of ["ndjson", "sse", "ws"] as const) {
    test(`${speech}: killed before the first gap is stored, gaps are made up for from the first message on`, async () => {
      const { source, run } = await setting(speech);
      for (const victim of ["diff", "redis-insert"] as const) {
        await run.kill(victim, "SIGKILL");
        run.start();
        await run.connected();
      }
      await assertExact(run, source);
    });
  }

  test("a script that was stopped, and goes on when another has taken its stream over, ends and stores no more", async () => {
    const { source, run } = await setting("ndjson", { rate: 200 });
    const { script } = run;
    await delay(500);
    process.kill(-script.child.pid!, "SIGSTOP");
    run.note("stopped");
    run.start();
    await run.connected();
    await delay(1000);
    process.kill(-script.child.pid!, "SIGCONT");
    run.note("going on");
    // Nothing that it still holds is waited for.
    await until("it has ended", () => script.child.exitCode !== null, 20);
    const { code, err } = await script.ended;
    assert.equal(code, 69, err);
    assert.match(err, /another ingest has taken this stream over/);
    await assertExact(run, source);
  });

  test("messages that come out of order are counted once nevertheless", async () => {
    const { source, run } = await setting("sse", { delayed: { part: 0.3, ms: 5000 }, twins: 0.1 });
    for (const victim of FEW) await run.killNext(victim);
    // Which of them are late for a gap depends on where a run ends, for diff then gives all that it holds.
    await assertExact(run, source, () => {
      const demanded = source.stream.demanded();
      return { total: demanded.total, byCategory: demanded.byCategory };
    });
  });

  test("a source whose connections break, and that goes away and comes back, loses nothing when processes are killed too", async () => {
    const { source, run } = await setting("sse");
    for (const victim of FEW) {
      await run.connected();
      source.cut();
      run.note("all connections cut");
      await delay(300);
      await source.close();
      run.note("the source is away");
      await delay(500);
      await source.open();
      run.note("the source is back");
      await run.killNext(victim);
    }
    await assertExact(run, source);
  });

  test("a Redis that is killed, and begins again with all that it acknowledged, counts nothing twice", async () => {
    const { redis, source, run } = await setting("ndjson", { rate: 200 });
    for (const victim of ["redis-insert", "insert-distribution", "ingest.sh"] as const) {
      await run.connected();
      await delay(400);
      await redis.crash();
      run.note("Redis killed");
      await delay(300);
      await redis.start();
      run.note("Redis is back");
      await run.killNext(victim);
    }
    await assertExact(run, source);
  });

  test("of what a source no longer has the log tells from when to when it is missing, and the rest counts once", async () => {
    const { source, run } = await setting("ndjson", { rate: 200, memory: 400 });
    await run.end("SIGTERM");
    const counted = (await run.stored.read()).total;
    const gone = source.stream.first + counted;
    await until("the source has forgotten some", () => source.stream.oldest > gone + 50);
    run.start();
    await run.connected();
    const back = source.served.at(-1)!.from;
    assert.ok(back > gone);
    await assertExact(run, source, () => source.stream.demanded([gone, back]));
    const warnings = run.records.filter(
      (record) => record["severity"] === "WARNING" && record["from"] !== undefined,
    );
    assert.equal(warnings.length, 1, run.story());
    const [from, to] = ["from", "to"].map((fact) => Date.parse(String(warnings[0]![fact])));
    // The place before the last message is known, not the last itself.
    const last = source.stream.at(gone - 1).t;
    assert.ok(from! <= last && from! > last - 1000, run.story());
    assert.equal(to, source.stream.at(back).t, run.story());
  });

  test("where nothing was stored yet, what is live is asked for", async () => {
    const { source, run } = await setting("ndjson");
    assert.equal(source.served[0]!.asked, undefined);
    await assertExact(run, source);
  });

  test("ingest --resume without a Redis ends with 69", async () => {
    const source = await numberedSource({ rate: 10 });
    const words = ["--resume", "--source", SOURCE_NAMES.ndjson, "--url", source.url.ndjson];
    const env = { REDIS_URL: `unix://${scratchFolder()}/none.sock`, RSVPULSE_LOG: "json" };
    const { code, err } = await startTool("ingest", words, { env, input: "" }).ended;
    assert.equal(code, 69, err);
    assert.ok(
      logRecords(err).some(({ message }) => /cannot reach Redis/.test(String(message))),
      err,
    );
    assert.equal(source.served.length, 0, "it asked the source for nothing");
  });
});
