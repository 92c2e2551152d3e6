import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { AlertRecord } from "../../src/records/alert.ts";
import { redisServer } from "../support/redis-server.ts";
import { ROOT, runShell, runTool, startTool } from "../support/run-tool.ts";
import { until } from "../support/until.ts";

const NOON = 1_489_924_800_000;
const DATA = process.env["RSVPULSE_DATA"] ?? `${ROOT}/../shared/data`;
const FILE = `${DATA}/meetup-rsvps-2017-03-19.ndjson`;
const recorded = existsSync(FILE) ? {} : { skip: `no recording at ${FILE}; RSVPULSE_DATA names its folder` };

interface Fields {
  readonly stream?: string;
  readonly event?: object;
}
const line = (second: number, key: string | null, { stream = "s", event = {} }: Fields = {}) =>
  `${JSON.stringify({ t: NOON + second * 1000, at: NOON + second * 1000, stream, key, id: String(second), event })}\n`;
/** A quarter of an hour of two states, one event a second. */
const usual = (fields: Fields = {}) =>
  Array.from({ length: 900 }, (_, second) => line(second, second % 3 === 0 ? "NY" : "CA", fields)).join("");
const alertsIn = (out: string) =>
  out
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as AlertRecord);

test("the usual is not told, a state that was never seen is, as soon as it comes", async () => {
  const tool = startTool("unusualness", []);
  tool.child.stdin.write(usual() + line(900, "AK"));
  await until("the alert is there", () => tool.out() !== "");
  tool.child.stdin.end(line(901, "CA"));
  const { code, out, err } = await tool.ended;
  assert.equal(code, 0);
  const [alert, ...others] = alertsIn(out);
  assert.equal(others.length, 0);
  assert.deepEqual([alert!.state, alert!.t, alert!.why[0]?.category], ["firing", NOON + 900_000, "AK"]);
  assert.match(
    err,
    /unusualness: 1 alert from 1 stream\nunusualness: 902 read = 602 judged \+ 300 warm-up\n$/,
  );
});

test("a state that is known but came once in a day is told when it comes again", async () => {
  const day = Array.from({ length: 86_400 }, (_, second) =>
    line(second, second === 100 ? "WY" : second % 3 === 0 ? "NY" : "CA"),
  ).join("");
  const { out } = await runTool("unusualness", [], { input: day + line(86_400, "WY") });
  const [alert, ...others] = alertsIn(out);
  assert.equal(others.length, 0, out);
  assert.match(alert!.text, /^s: an improbable event, from WY; 1 event in [\d,]+ is this improbable or more/);
  assert.ok(alert!.score! <= alert!.threshold! && alert!.value! <= alert!.score! && alert!.value! > 0);
});

test("streams that share a pipe are told apart", async () => {
  const both = usual({ stream: "a" }) + usual({ stream: "b" }).replaceAll('"CA"', '"TX"');
  const { out } = await runTool("unusualness", [], { input: both + line(900, "TX", { stream: "a" }) });
  assert.deepEqual(
    alertsIn(out).map(({ stream, why }) => [stream, why[0]?.category]),
    [["a", "TX"]],
  );
});

test("an alert shows the message's words and link, plain, and no other address", async () => {
  const event = { event: { event_name: "Hike\u0007 <b>&\u202e", event_url: "javascript:alert(1)" } };
  const input = usual() + line(900, "AK", { event });
  const { out } = await runTool("unusualness", ["--source", "meetup-rsvps"], { input });
  assert.deepEqual(alertsIn(out)[0]!.examples, [{ id: "900", text: "Hike <b>&", url: null }]);
});

test("--scores writes exactly one line for each event, in order, and no alert", async () => {
  const input = `${usual()}${line(900, null)}{"tick":${NOON + 901_000}}\n{"avg":1}\n${line(902, "AK")}`;
  const { out, err } = await runTool("unusualness", ["--scores"], { input });
  const scores = out
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text) as Record<string, number | null>);
  assert.equal(scores.length, 902);
  for (const score of scores) {
    assert.deepEqual(Object.keys(score), ["t", "stream", "key", "probability", "surprisal", "rarity"]);
  }
  assert.deepEqual(
    scores.map(({ t }) => t),
    scores.map((_, i) => NOON + (i < 901 ? i : 902) * 1000),
  );
  assert.deepEqual(
    [scores[900]!["key"], scores[900]!["probability"], scores[900]!["surprisal"], scores[900]!["rarity"]],
    [null, null, null, null],
  );
  const last = scores[901]!;
  assert.equal(last["surprisal"]!.toFixed(6), (-Math.log2(last["probability"]!)).toFixed(6));
  assert.match(err, /904 read = 601 judged \+ 300 warm-up \+ 1 unkeyed \+ 1 ticks \+ 1 ignored\n$/);
});

test("however the bytes come, the output is the same", async () => {
  const input = usual() + line(900, "AK") + line(901, "HI");
  const whole = await runTool("unusualness", [], { input });
  const tool = startTool("unusualness", []);
  for (let i = 0; i < input.length; i += 20_011) tool.child.stdin.write(input.slice(i, i + 20_011));
  tool.child.stdin.end();
  assert.equal((await tool.ended).out, whole.out);
  assert.equal(alertsIn(whole.out).length, 2);
});

test("what came before a line that --strict ends at is told all the same", async () => {
  const { code, out } = await runTool("unusualness", ["--strict"], {
    input: `${usual()}${line(900, "AK")}garbage\n`,
  });
  assert.equal(code, 65);
  assert.equal(alertsIn(out).length, 1);
});

test("a reader that goes away ends it quietly", async () => {
  const command = `bin/unusualness --scores < <(yes '${line(0, "CA").trimEnd()}') | head -1`;
  const { code, out, err } = await runShell(command);
  assert.equal(code, 0, err);
  assert.equal(out.split("\n").length, 2);
  assert.doesNotMatch(err, /EPIPE|defect/);
});

test(
  "the recording: every event with a state is scored, all in sum as probable as can be",
  recorded,
  async () => {
    const { out, err } = await runShell("bin/ingest --replay $FILE --speed max | bin/unusualness --scores", {
      env: { FILE },
    });
    const scores = out
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as { surprisal: number | null });
    assert.equal(scores.length, readFileSync(FILE, "utf8").trimEnd().split("\n").length);
    const keyed = scores.flatMap(({ surprisal }) => surprisal ?? []);
    assert.equal(keyed.length, 680);
    // The entropy is 4.623 bits in hindsight. Learning on the way costs a little more; that a category is new, and
    // not which one it is, costs less.
    const mean = keyed.reduce((a, b) => a + b) / keyed.length;
    assert.ok(mean > 4.3 && mean < 4.8, String(mean));
    assert.match(err, /1541 read = 380 judged \+ 861 unkeyed \+ 300 warm-up\n$/);
  },
);

test("a warm start begins with what Redis keeps: no warm-up, and what was counted is no news", async () => {
  const redis = await redisServer();
  const env = { REDIS_URL: redis.url };
  const stored = await runTool("insert-distribution", [], { input: usual() + line(900, "AK"), env });
  assert.equal(stored.code, 0, stored.err);
  const input = line(901, "AK") + line(902, "WY") + line(903, "WY", { stream: "unheard" });
  const { code, out, err } = await runTool("unusualness", ["--warm-start"], { input, env });
  assert.equal(code, 0, err);
  assert.deepEqual(
    alertsIn(out).map(({ text }) => text),
    [
      "s: an event from WY, the first in 903 events with a category (chance of any new category: 1 in 1,800).",
    ],
  );
  assert.match(err, /unusualness: s: begins with 901 events of 3 categories\n/);
  assert.match(err, /unusualness: unheard: nothing was counted of it before, so it starts cold\n/);
  assert.match(err, /unusualness: 3 read = 2 judged \+ 1 warm-up\n$/);
});

test("a warm start is none where only some categories were counted, or too many came to count them all", async () => {
  const redis = await redisServer();
  const env = { REDIS_URL: redis.url };
  for (const [stream, args] of Object.entries({
    keys: ["--keys", "CA"],
    other: ["--keys", "CA", "--other"],
    most: ["--max-categories", "1"],
  })) {
    const stored = await runTool("insert-distribution", args, { input: usual({ stream }), env });
    assert.equal(stored.code, 0, stored.err);
    const input = line(901, "NY", { stream }) + line(902, "NY", { stream });
    const { code, out, err } = await runTool("unusualness", ["--warm-start"], { input, env });
    assert.deepEqual([code, out], [0, ""], err);
    const notices = err.split("\n").filter((text) => text.includes("insert-distribution"));
    assert.deepEqual(notices, [
      `unusualness: ${stream}: insert-distribution counts only some categories of it (--keys, --other or --max-categories), so it starts cold`,
    ]);
    assert.match(err, /2 read = 0 judged \+ 2 warm-up\n$/);
  }
});

test("a warm start without a Redis is 69 and says what to do", async () => {
  const env = { REDIS_URL: "redis://127.0.0.1:1" };
  const { code, err } = await runTool("unusualness", ["--warm-start"], { env, input: line(0, "CA") });
  assert.equal(code, 69);
  assert.match(err, /^unusualness: cannot reach Redis at .*start one/m);
});
