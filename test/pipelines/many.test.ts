import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import type { AlertRecord } from "../../src/records/alert.ts";
import type { StatsRecord } from "../../src/records/stats.ts";
import { countsOf, eventsRead, logRecords, startScript } from "../support/pipeline.ts";
import { publishedAlerts } from "../support/published-alerts.ts";
import { redisServer } from "../support/redis-server.ts";
import { type RunningTool, runShell, runTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { simulated } from "../support/simulated.ts";
import { slackServer } from "../support/slack-server.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const redis = await redisServer();
const slack = await slackServer();
const env = {
  REDIS_URL: redis.url,
  SLACK_WEBHOOK_URL: slack.url,
  XDG_STATE_HOME: folder,
  RSVPULSE_TTL: "1h",
  RSVPULSE_LATENESS: "1s",
};
const recordsOf = <Told>(out: string): Told[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** What one look of a tool tells of each stream. */
async function lookAt(tool: string, args: readonly string[]): Promise<Map<string, StatsRecord>> {
  const { out } = await runTool(tool, ["--once", "--stream", "all", ...args], { env });
  return new Map(recordsOf<StatsRecord>(out).map((record) => [record.stream, record]));
}

test("two ingest.sh and one notify.sh: alerts name their stream, counts are what was sent, nothing mixes", async () => {
  const rsvps = await simulated("1h:cut", ["--seed", "rsvps"]);
  const events = await simulated("1h:cut", ["--seed", "events"]);
  const place = events.url.replace("rsvps", "open_events");
  const scripts = new Map<string, RunningTool>();
  const ingest = (stream: string, ...options: readonly string[]) =>
    scripts.set(stream, startScript("ingest.sh", ["--stream", stream, ...options], env));

  // RSVPs come every 25 ms, events every 83 ms: only of the former is there something to tell.
  const rule = ["--below", "avg=50ms", "--for", "1s", "--detect", "threshold"];
  const notify = startScript("notify.sh", ["--stream", "all", "--dry-run", ...rule], env);
  ingest("a", "--url", rsvps.url);
  ingest("b", "--source", "meetup-open-events", "--url", place);
  const told = () => recordsOf<{ text: string }>(notify.out()).map(({ text }) => text);
  const tells = (stream: string) => () =>
    told().some((text) => text.includes(`${stream}: events come faster`));
  await until("a's alert is told", tells("a"), 60);
  ingest("c", "--url", rsvps.url);
  await until("that of c is told, which appeared later", tells("c"), 60);
  await until("of b enough is stored, too", async () => (await lookAt("avg", [])).get("b")!.count! > 60, 60);

  for (const { child } of scripts.values()) child.kill("SIGTERM");
  for (const [stream, { ended }] of scripts) assert.equal((await ended).code, 143, stream);
  notify.child.kill("SIGTERM");
  const { code, err } = await notify.ended;
  assert.equal(code, 143, err);
  for (const { tool } of [rsvps, events]) tool.child.kill("SIGTERM");
  await Promise.all([rsvps, events].map(({ tool }) => tool.ended));

  assert.ok(!told().some((text) => text.includes("b:")), told().join("\n"));
  for (const [stream, count] of [
    ["a", 1],
    ["b", 0],
    ["c", 1],
  ] as const) {
    const published = await publishedAlerts(redis.url, stream);
    assert.equal(published.filter(({ state }) => state === "firing").length, count, stream);
    assert.ok(published.every((alert) => alert.stream === stream));
  }
  await assertCountedApart(scripts);
  assert.ok(logRecords(err).some(({ message }) => message === "stream c is there now"));
});

/** Of each stream Redis has what its own ingest sent, and nothing else. */
async function assertCountedApart(scripts: ReadonlyMap<string, RunningTool>): Promise<void> {
  const gaps = await lookAt("avg", []);
  const counts = await lookAt("stats", ["--over", "all"]);
  assert.deepEqual([...counts.keys()], [...scripts.keys()]);
  for (const [stream, script] of scripts) {
    const err = script.err();
    const sent = countsOf(err, "ingest")("events");
    const insert = countsOf(err, "insert-distribution");
    assert.equal(eventsRead(err, "insert-distribution"), sent, `${stream}: ${err}`);
    assert.equal(counts.get(stream)?.n, sent - insert("unkeyed"), stream);
    assert.equal(gaps.get(stream)?.count, countsOf(err, "diff")("gaps"), stream);
    assert.equal(
      countsOf(err, "diff")("gaps"),
      sent - countsOf(err, "diff")("late") - 1,
      `${stream}: ${err}`,
    );
  }
}

const START = 1_700_000_000_000;
/** Stores gaps of a stream, from one second of it to another. */
async function store(stream: string, from: number, to: number, spacing: number): Promise<void> {
  let lines = "";
  for (let t = START + from * 1000; t < START + to * 1000; t += spacing) {
    lines += `{"t":${t},"at":${t},"stream":"${stream}","diff":${spacing / 1000}}\n`;
  }
  const { code, err } = await runShell("bin/redis-insert --ttl 10s", { env, input: lines });
  assert.equal(code, 0, err);
}

test("runs of cron over several streams neither forget nor repeat, and one that appears is taken up", async () => {
  await redis.command("FLUSHALL");
  const once = async (...choice: readonly string[]) => {
    const { code, err } = await startScript(
      "notify.sh",
      ["--once", ...choice.flatMap((stream) => ["--stream", stream]), "--below", "avg=500ms"],
      env,
    ).ended;
    assert.equal(code, 0, err);
  };
  const texts = (stream: string) => slack.taken().filter(({ text }) => text?.includes(`${stream}: `)).length;
  const toldOf = () => ["x", "y", "z"].map(texts);

  await Promise.all([store("x", 0, 60, 1000), store("y", 0, 60, 1000)]);
  await once("x", "y");
  assert.deepEqual(toldOf(), [0, 0, 0]);
  await store("x", 60, 80, 200);
  await once("y", "x");
  await once("x", "y");
  assert.deepEqual(toldOf(), [1, 0, 0], "the order of names does not matter, and nothing is told again");
  await Promise.all([store("x", 80, 110, 1000), store("y", 60, 80, 200)]);
  await once("x", "y");
  assert.deepEqual(toldOf(), [2, 1, 0], "an end and a beginning");

  // Another choice remembers apart: what it finds for the first time it tells.
  await once("all");
  assert.deepEqual(toldOf(), [2, 2, 0]);
  await store("z", 0, 20, 200);
  await once("all");
  assert.deepEqual(toldOf(), [2, 2, 1]);
  const kept = readdirSync(`${folder}/rsvpulse`).filter((name) => name.endsWith(".json"));
  assert.deepEqual(
    kept.filter((name) => name.startsWith("stats")).sort(),
    ["stats-all+.json", "stats-x+y.json"],
    kept.join(),
  );
  assert.deepEqual(
    (await publishedAlerts(redis.url, "x")).map(({ state }: AlertRecord) => state),
    ["firing", "resolved"],
  );
});

test("files are called after their choice of streams, whatever its order; one stream's and none's as ever", async () => {
  const choices: readonly (readonly [choice: string, name: string])[] = [
    ["", "all"],
    ["a", "a"],
    ["a a", "a"],
    ["a_b", "a_b"],
    ["all", "all+"],
    ["a b", "a+b"],
    ["b a b", "a+b"],
    ["all a", "a+all"],
  ];
  const names = async (lists: readonly string[]) => {
    const line = `. scripts/lib.sh; for list in ${lists.map((list) => `"${list}"`).join(" ")}; do
      name_of_choice $list; echo; done`;
    return (await runShell(line)).out.trimEnd().split("\n");
  };
  assert.deepEqual(
    await names(choices.map(([choice]) => choice)),
    choices.map(([, name]) => name),
  );
  // What does not fit into a name is told apart by its checksum.
  const many = Array.from({ length: 500 }, (_, i) => `stream-${i}`);
  const odd = [
    "a/b",
    "x+y",
    "z".repeat(300),
    "a+b c",
    "a b+c",
    "a b c",
    "a/b c",
    "ä c",
    many.join(" "),
    many.slice(1).join(" "),
  ];
  const called = await names(odd);
  assert.equal(new Set(called).size, odd.length);
  for (const name of called) assert.match(name, /^[A-Za-z0-9._+=-]{1,120}$/);
});

test("stats --once --state of all: each second of each stream once, from one file", async () => {
  await redis.command("FLUSHALL");
  const args = ["--once", "--state", `${folder}/all.json`, "--stream", "all"];
  const told: StatsRecord[] = [];
  for (const [from, to] of [
    [0, 1],
    [1, 30],
    [30, 31],
    [31, 200],
  ] as const) {
    const later = from > 30 ? [store("z", 0, 50, 250)] : [];
    await Promise.all([store("x", from, to, 100), store("y", from, to, 500), ...later]);
    told.push(...recordsOf<StatsRecord>((await runTool("stats", args, { env })).out));
  }
  const events = (stream: string) =>
    told.filter((record) => record.stream === stream).reduce((sum, record) => sum + record.events!, 0);
  // But for the second that is not over.
  assert.deepEqual(["x", "y", "z"].map(events), [199 * 10, 199 * 2, 49 * 4]);
});
