import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { StatsRecord } from "../../src/records/stats.ts";
import { redisServer } from "../support/redis-server.ts";
import { runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const NOON = 1_489_924_800_000;
const server = await redisServer();
const env = { REDIS_URL: server.url };
const folder = scratchFolder();
const STATES = ["CA", "NY", "TX", null];

/** Events every 700 ms, one in eleven of them late, with a tick after every tenth. */
const eventsOf = (stream: string, from: number, to: number) => {
  let lines = "";
  for (let i = from; i < to; i++) {
    const at = NOON + i * 700;
    const t = at - (i % 11 === 5 ? 7000 : (i % 4) * 400);
    lines += `{"t":${t},"at":${at},"stream":"${stream}","key":${JSON.stringify(STATES[i % 4])},"id":null,"event":{}}\n`;
    if (i % 10 === 9) lines += `{"tick":${at},"at":${at},"stream":"${stream}","connected":true}\n`;
  }
  return lines;
};
/** Stores events in the branches, as scripts/ingest.sh does. */
const store = async (input: string, branches = ["gaps", "counts"]) => {
  if (branches.includes("gaps")) {
    const { code, err } = await runShell("bin/diff | bin/redis-insert", { env, input });
    assert.equal(code, 0, err);
  }
  if (branches.includes("counts")) {
    const { code, err } = await runTool("insert-distribution", [], { env, input });
    assert.equal(code, 0, err);
  }
};
const recordsOf = (out: string): StatsRecord[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
const total = (records: readonly StatsRecord[], field: "events" | "seconds" | "late") =>
  records.reduce((sum, record) => sum + (record[field] ?? 0), 0);

test("before anything is stored, --once says so with 69, and polling waits until there is something", async () => {
  const once = await runTool("stats", ["--once"], { env });
  assert.equal(once.code, 69);
  assert.match(once.err, /^stats: nothing has been stored yet: .*redis-insert and events into insert-distr/);
  const tool = startTool("stats", ["--every", "50ms"], { env });
  await until("it says that it waits", () => tool.err().includes("nothing has been stored yet; waiting"));
  await store(eventsOf("first", 0, 10), ["counts"]);
  await until("it tells records", () => recordsOf(tool.out()).length >= 2);
  assert.match(tool.err(), /redis-insert has stored nothing .* lately, so avg, rate and count are unknown/);
  await store(eventsOf("first", 0, 10), ["gaps"]);
  await until("the window is there", () => recordsOf(tool.out()).at(-1)?.count !== null);
  tool.child.kill("SIGINT");
  const { code, out, err } = await tool.ended;
  assert.equal(code, 130);
  const [first] = recordsOf(out);
  assert.deepEqual([first?.stream, first?.categories, first?.avg, first?.events], ["first", 3, null, 0]);
  assert.match(err, /all branches of stream first are there again/);
  assert.match(err, /\d+ polls = \d+ readings \+ \d+ waiting\n$/);
});

/** A record without what goes by when the one before was told. */
const present = ({ events, seconds, late, byKey, stale, ...rest }: StatsRecord) => rest;

test("a poll of Redis and the last record of --stdin agree", async () => {
  const input = eventsOf("agree", 0, 400);
  await store(input);
  for (const over of ["all", "recent"]) {
    const args = ["--over", over, "--stream", "agree"];
    const [polled] = recordsOf((await runTool("stats", ["--once", ...args], { env })).out);
    const piped = recordsOf((await runTool("stats", ["--stdin", ...args], { input })).out);
    assert.deepEqual(present(polled!), present(piped.at(-1)!));
    // The poll tells the last 60 complete seconds; the last record the part of a second after them.
    const minute = piped.slice(-61, -1);
    for (const field of ["events", "seconds", "late"] as const) {
      assert.equal(polled![field], total(minute, field), field);
    }
    for (const state of ["CA", "NY", "TX"]) {
      assert.equal(
        polled!.byKey[state],
        minute.reduce((sum, record) => sum + (record.byKey[state] ?? 0), 0),
      );
    }
  }
});

test("--once --state tells each second once, as stats --stdin does, however the runs fall", async () => {
  const state = `${folder}/stats.state`;
  const args = ["--once", "--state", state, "--stream", "cron", "--over", "all"];
  await store(eventsOf("cron", 0, 1));
  const told: StatsRecord[] = [];
  for (const [from, to] of [
    [1, 20],
    [20, 21],
    [21, 21],
    [21, 400],
  ] as const) {
    told.push(...recordsOf((await runTool("stats", args, { env })).out));
    if (to > from) await store(eventsOf("cron", from, to));
  }
  told.push(...recordsOf((await runTool("stats", args, { env })).out));
  const input = eventsOf("cron", 0, 400);
  const direct = recordsOf((await runTool("stats", ["--stdin", "--over", "all"], { input })).out);
  const complete = direct.slice(0, -1);
  for (const field of ["events", "seconds", "late"] as const) {
    assert.equal(total(told, field), total(complete, field), field);
  }
  const boundaries = told.filter(({ t, n }) => t % 1000 === 0 && n === null);
  assert.ok(boundaries.length > 240, `${boundaries.length} seconds`);
  for (const { t, events, late, byKey, seconds, entropy } of boundaries) {
    const same = direct.find((record) => record.t === t);
    assert.deepEqual([events, late, byKey, seconds], [same?.events, same?.late, same?.byKey, same?.seconds]);
    assert.equal(entropy, null, "totals of the past are not known");
  }
  assert.ok(told.at(-1)?.n !== null, "those of now are");
  assert.equal(JSON.parse(readFileSync(state, "utf8")).kind, "stats");
});

test("a state of avg is none of stats, and is left alone", async () => {
  const state = `${folder}/avg.state`;
  const text = '{"kind":"avg","stream":"cron","second":1}';
  writeFileSync(state, text);
  const { code, err } = await runTool("stats", ["--once", "--state", state, "--stream", "cron"], { env });
  assert.equal(code, 78);
  assert.match(err, /expected a state of stats, got one of avg/);
  assert.equal(readFileSync(state, "utf8"), text);
});

test("--only tells rate or distribution records; the latter need no redis-insert", async () => {
  await store(eventsOf("counted", 0, 30), ["counts"]);
  const only = (part: string, stream: string) =>
    runTool("stats", ["--once", "--only", part, "--stream", stream], { env });
  const distribution = await only("distribution", "counted");
  assert.deepEqual([distribution.code, distribution.err], [0, ""]);
  assert.deepEqual(
    Object.keys(recordsOf(distribution.out)[0]!),
    "t stream entropy entropyCorrected n categories byKey seconds".split(" "),
  );
  const rate = await only("rate", "agree");
  assert.deepEqual(
    Object.keys(recordsOf(rate.out)[0]!),
    "t stream avg rate count window events seconds late silence connected stale".split(" "),
  );
  assert.equal((await only("distribution", "gapped")).code, 69);
});

/** Events with messages, two a second, of which some say nothing. */
const messagesOf = (stream: string, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const at = NOON + i * 500;
    const event = i % 3 === 0 ? {} : { event: { event_name: `Hike ${i}`, event_url: `https://x.org/${i}` } };
    return `${JSON.stringify({ t: at, at, stream, key: STATES[i % 4], id: String(i), event })}\n`;
  }).join("");

test("examples from Redis and from --stdin are the same events, in both kinds of record that have them", async () => {
  const state = `${folder}/examples.state`;
  const args = ["--once", "--state", state, "--stream", "shown"];
  const first = `${messagesOf("shown", 1)}`;
  await store(first, ["counts"]);
  await runTool("stats", args, { env });
  await store(messagesOf("shown", 200), ["counts"]);
  const polled = recordsOf((await runTool("stats", args, { env })).out).filter(({ t }) => t % 1000 === 0);
  const input = messagesOf("shown", 200);
  for (const only of [[], ["--only", "distribution"]]) {
    const { out } = await runTool("stats", ["--stdin", ...only], { input });
    const examples = new Map(recordsOf(out).map((record) => [record.t, record.examples]));
    assert.deepEqual(
      polled.map((record) => record.examples),
      polled.map(({ t }) => examples.get(t)),
    );
    const [example] = [...examples.values()].flatMap((some) => some ?? []);
    assert.deepEqual(example, { key: "NY", id: "1", text: "Hike 1", url: "https://x.org/1" });
  }
  const rate = await runTool("stats", ["--stdin", "--only", "rate"], { input });
  assert.ok(!rate.out.includes("examples"));
  const { out } = await runTool("stats", ["--once", "--only", "distribution", "--stream", "shown"], { env });
  assert.ok((recordsOf(out)[0]?.examples ?? []).length === 3);
});

test("raw messages are shown as in --source; in Redis insert-distribution decides that", async () => {
  const input = `{"mtime":${NOON},"name":"Open house","state":"CA"}\n{"mtime":${NOON + 1000}}\n`;
  const raw = ["--time", "mtime", "--key", "state", "--stream", "raw"];
  const example = { key: "CA", id: null, text: "Open house", url: null };
  const source = ["--source", "meetup-open-venues"];
  const piped = await runTool("stats", ["--stdin", ...raw, ...source], { input });
  assert.deepEqual(
    recordsOf(piped.out).map(({ examples }) => examples),
    [[example], undefined],
  );
  assert.ok(!(await runTool("stats", ["--stdin", ...raw], { input })).out.includes("examples"));
  await runTool("insert-distribution", [...raw, ...source], { env, input });
  const polled = await runTool("stats", ["--once", "--stream", "raw"], { env });
  assert.deepEqual(recordsOf(polled.out)[0]?.examples, [example]);
  const stray = await runTool("stats", ["--once", ...source], { env });
  assert.equal(stray.code, 64);
  assert.match(stray.err, /--source goes with --stdin; in Redis insert-distribution decides/);
});

test("a branch that has stopped shows no frozen figures", async () => {
  await store(eventsOf("stopped", 0, 30));
  await store(eventsOf("stopped", 30, 60), ["gaps"]);
  const { code, out, err } = await runTool("stats", ["--once", "--stream", "stopped"], { env });
  assert.equal(code, 0);
  const [record] = recordsOf(out);
  assert.deepEqual([record?.n, record?.entropy, record?.late, record?.byKey], [null, null, null, {}]);
  assert.ok(record!.events! > 0 && record!.count! > 0);
  assert.match(err, /insert-distribution has stored nothing .* lately.*is it running\?/);
});

test("several streams, of either branch, must be told apart; a misspelt one is guessed", async () => {
  const several = await runTool("stats", ["--once"], { env });
  assert.equal(several.code, 64);
  assert.match(
    several.err,
    /--stream agree \| counted \| cron \| first \| raw \| shown \| stopped; or --stream all\n$/,
  );
  const misspelt = await runTool("stats", ["--once", "--stream", "corn"], { env });
  assert.equal(misspelt.code, 69);
  assert.match(misspelt.err, /did you mean cron\?/);
});

test("--stream again, or all: a record a stream, and of one that is not there a word", async () => {
  const streamsOf = (out: string) => recordsOf(out).map(({ stream }) => stream);
  const two = await runTool("stats", ["--once", "--stream", "stopped", "--stream", "agree"], { env });
  assert.deepEqual([two.code, streamsOf(two.out)], [0, ["agree", "stopped"]]);
  assert.match(two.err, /^stats: insert-distribution has stored nothing of stream stopped lately/);
  const all = await runTool("stats", ["--once", "--stream", "all", "--stream", "corn"], { env });
  assert.deepEqual(streamsOf(all.out), "agree counted cron first raw shown stopped".split(" "));
  assert.match(all.err, /nothing has been stored of stream corn; the others are told/);
  const alone = await runTool("stats", ["--once", "--stream", "agree"], { env });
  assert.deepEqual(
    recordsOf(two.out).map(({ stale, ...record }) => record)[0],
    recordsOf(alone.out).map(({ stale, ...record }) => record)[0],
    "the same as alone",
  );
  const config = `${folder}/streams.json`;
  writeFileSync(config, '{"stats":{"stream":["cron","agree"]}}');
  const set = await runTool("stats", ["--once", "--config", config], { env });
  assert.deepEqual(streamsOf(set.out), ["agree", "cron"]);
});

test("polling tells each of all streams in turn, sorted", async () => {
  const tool = startTool("stats", ["--every", "50ms", "--stream", "all"], { env });
  await until("it has polled twice", () => recordsOf(tool.out()).length >= 14);
  tool.child.kill("SIGINT");
  const { out } = await tool.ended;
  const streams = recordsOf(out).map(({ stream }) => stream);
  const names = "agree counted cron first raw shown stopped".split(" ");
  assert.deepEqual(
    streams,
    streams.map((_, i) => names[i % names.length]),
  );
});

test("settings that are for --stdin change nothing without it; on the command line they are an error", async () => {
  const settings = { ...env, RSVPULSE_LATENESS: "9s", RSVPULSE_WINDOW: "30s" };
  const set = await runTool("stats", ["--once", "--stream", "agree"], { env: settings });
  assert.deepEqual([set.code, set.err], [0, ""]);
  assert.equal(recordsOf(set.out)[0]?.window, 120);
  const given = await runTool("stats", ["--once", "--stream", "agree", "--lateness", "9s"], { env });
  assert.equal(given.code, 64);
  assert.match(given.err, /--lateness goes with --stdin; in Redis diff and insert-distribution decide/);
});

test("while the store is away the records say so, with a growing stale; it is told once, and when it is back", async () => {
  const tool = startTool("stats", ["--every", "50ms", "--stream", "agree"], { env });
  await until("it tells records", () => recordsOf(tool.out()).length >= 1);
  await server.stop();
  const lost = await until("it is lost", () => {
    const records = recordsOf(tool.out()).filter(({ connected }) => !connected);
    return records.length >= 3 && records;
  });
  const { t, stream, window, stale, ...unknown } = lost[0]!;
  assert.deepEqual([stream, window, stale > 0], ["agree", 120, true]);
  assert.deepEqual(unknown, {
    avg: null,
    rate: null,
    count: null,
    events: null,
    seconds: 0,
    late: null,
    silence: null,
    connected: false,
    entropy: null,
    entropyCorrected: null,
    n: null,
    categories: null,
    byKey: {},
  });
  assert.ok(lost[2]!.stale > lost[1]!.stale && lost[1]!.stale > 0);
  await server.start();
  const back = await until("it is back", () => {
    const last = recordsOf(tool.out()).at(-1);
    return last?.connected && last;
  });
  assert.deepEqual([back.t, back.categories], [t, 3]);
  tool.child.kill("SIGTERM");
  const { code, err } = await tool.ended;
  assert.equal(code, 143);
  assert.equal(err.match(/the store is away/g)?.length, 1);
  assert.equal(err.match(/the store is back/g)?.length, 1);
});

test("a reader that goes away ends it quietly", async () => {
  const tool = startTool("stats", ["--every", "50ms", "--stream", "agree"], { env });
  await until("it tells records", () => tool.out().length > 0);
  tool.child.stdout.destroy();
  const { code, err } = await tool.ended;
  assert.equal(code, 0, err);
});
