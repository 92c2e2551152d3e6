import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { logOf } from "../../../src/core/log.ts";
import { Tally } from "../../../src/core/tally.ts";
import { courier } from "../../../src/sinks/slack/courier.ts";
import { ledger } from "../../../src/sinks/slack/ledger.ts";
import { webhookPoster } from "../../../src/sinks/slack/post.ts";
import { openSpool } from "../../../src/sinks/slack/spool.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scratchFolder } from "../../support/scratch.ts";
import { type Script, slackServer } from "../../support/slack-server.ts";
import { numbersIn, range, record } from "../../support/slack-setting.ts";

const folder = scratchFolder();

/** A courier between a real outbox and a real socket, on a clock that passes only while it sleeps. */
async function round(script: Script = () => "ok", { random = 1 }: { random?: number } = {}) {
  const clock = fakeClock();
  const times: number[] = [];
  const server = await slackServer((index, payload) => {
    times.push(clock.elapsed() / 1000);
    return script(index, payload);
  });
  const path = mkdtempSync(join(folder, "outbox-"));
  const spool = openSpool(path, { bytesMax: 1e6, clock });
  const tally = new Tally("delivered");
  const own = ledger(tally);
  const told: string[] = [];
  const stop = new AbortController();
  const poster = await webhookPoster(new URL(server.url), 10_000);
  const { run, wake, finish } = courier({
    spool,
    poster,
    ledger: own,
    log: logOf((severity, message) => told.push(`${severity} ${message}`)),
    clock,
    random: () => random,
    interval: 1000,
    giveUp: 60_000,
    stop: stop.signal,
  });
  const append = async (from: number, to: number) => {
    const { ends } = await spool.append(range(from, to).map((number) => Buffer.from(record(number).trim())));
    own.appended(ends);
    wake();
  };
  return { clock, times, server, path, spool, tally, own, told, stop, run, finish, append };
}

test("at most one post a second goes out; what queues up meanwhile goes together", async () => {
  const { clock, times, server, run, finish, append } = await round();
  await append(0, 1);
  for (const tenth of range(1, 30)) clock.at(tenth * 100, () => void append(tenth, tenth + 1));
  clock.at(5000, finish);
  await run();
  assert.deepEqual(numbersIn(server.taken()), range(0, 30));
  assert.equal(times[0], 0);
  assert.ok(times.every((time, i) => i === 0 || time - times[i - 1]! >= 1));
  assert.ok(times.length <= 4, String(times));
});

test("failures are tried again after waits that double up to a minute, for as long as input lasts", async () => {
  const { clock, times, run, finish, append, told, tally } = await round((index) =>
    index < 9 ? { status: 500 } : "ok",
  );
  await append(0, 1);
  clock.at(1e6, finish);
  await run();
  const waits = times.slice(1).map((time, i) => time - times[i]!);
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  assert.equal(tally.count("delivered"), 1);
  assert.deepEqual(told, [
    "WARNING Slack took no post: it answers 500; it is tried again",
    "NOTICE Slack takes posts again",
  ]);
});

test("the jitter is full, but no wait is shorter than the interval", async () => {
  const { times, run, finish, append } = await round((index) => (index < 5 ? { status: 500 } : "ok"), {
    random: 0.25,
  });
  await append(0, 1);
  finish();
  await run();
  assert.deepEqual(times, [0, 1, 2, 3, 5, 9]);
});

test("Retry-After is waited for where it is longer than the back-off, in seconds and as a date", async () => {
  const { clock, times, run, finish, append } = await round((index) => {
    if (index === 0) return { status: 429, headers: { "retry-after": "30" } };
    const date = new Date(Date.UTC(2026, 0, 1) + 50_000).toUTCString();
    return index === 1 ? { status: 429, headers: { "retry-after": date } } : "ok";
  });
  await append(0, 1);
  clock.at(100_000, finish);
  await run();
  assert.deepEqual(times, [0, 30, 50]);
});

test("after the input's end it gives up when nothing has moved for a minute, and the spool stays", async () => {
  const { clock, run, finish, append, spool, own } = await round((index) =>
    index < 1 ? "ok" : { status: 503 },
  );
  await append(0, 60);
  finish();
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof ToolError && error.kind === "unavailable");
    assert.match(error.message, /gave up after 60 s without progress \(it answers 503\); 10 left/);
    return true;
  });
  assert.equal(clock.elapsed(), 60_000);
  assert.equal(spool.countWaiting(), 10);
  assert.equal(own.left(), 10);
});

test("a record that Slack takes in no form is found among those that went out with it", async () => {
  const { run, finish, append, server, path, tally } = await round((_, { text }) =>
    text?.includes("record 3 ") === true ? { status: 400, body: "invalid_blocks" } : "ok",
  );
  await append(0, 6);
  finish();
  await run();
  assert.deepEqual(numbersIn(server.taken()), [0, 1, 2, 4, 5]);
  assert.equal(readFileSync(join(path, "dead-letter.ndjson"), "utf8").trim().split("\n").length, 1);
  assert.deepEqual([tally.count("delivered"), tally.count("refused")], [5, 1]);
});

test("what is no record in the spool is put aside, and the rest goes out", async () => {
  const { run, finish, append, server, spool, path } = await round();
  await append(0, 1);
  await spool.append([Buffer.from("not JSON")]);
  await append(1, 2);
  finish();
  await run();
  assert.deepEqual(numbersIn(server.taken()), [0, 1]);
  assert.match(readFileSync(join(path, "dead-letter.ndjson"), "utf8"), /"record":"not JSON"/);
});

test("told to stop it ends after the post in flight and leaves the rest", async () => {
  const { run, append, server, stop, own } = await round(() => {
    stop.abort();
    return "ok";
  });
  await append(0, 60);
  await run();
  assert.equal(server.taken().length, 1);
  assert.equal(own.left(), 10);
});

test("nothing to deliver ends at once", async () => {
  const { clock, run, finish, server } = await round();
  finish();
  await run();
  assert.equal(clock.elapsed(), 0);
  assert.equal(server.requests.length, 0);
});
