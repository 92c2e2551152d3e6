import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { redisServer } from "../support/redis-server.ts";
import { ROOT, runShell } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";

/** Real RSVPs, recorded; not part of the project. */
const DATA = process.env["RSVPULSE_DATA"] ?? `${ROOT}/../shared/data`;
const FILE = `${DATA}/meetup-rsvps-2017-03-19.ndjson`;
const options = existsSync(FILE) ? {} : { skip: `no recording at ${FILE}; RSVPULSE_DATA names its folder` };

const folder = scratchFolder();

const run = async (line: string, env: Readonly<Record<string, string>> = {}) => {
  const outcome = await runShell(line, { env: { FILE, ...env } });
  assert.equal(outcome.code, 0, outcome.err);
  return outcome;
};
const gapsIn = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { diff: number }).diff);
const near = (value: number, expected: number, digits: number) =>
  assert.equal(value.toFixed(digits), expected.toFixed(digits));

test("the recorded RSVPs give gaps that add up", options, async () => {
  const { out, err } = await run("bin/ingest --replay $FILE --speed max | bin/diff");
  const gaps = gapsIn(out);
  assert.equal(gaps.length, 1426);
  near(
    gaps.reduce((a, b) => a + b),
    1137.358,
    3,
  );
  near(Math.max(...gaps), 5.625, 3);
  assert.match(err, /diff: 1541 read = 1426 gaps \+ 114 late \+ 1 first/);
});

test("a longer lateness keeps more", options, async () => {
  const { out, err } = await run("bin/ingest --replay $FILE --speed max | bin/diff --lateness 30s");
  assert.equal(gapsIn(out).length, 1504);
  assert.match(err, / 36 late /);
});

test("started at any line, no gap is over a minute", options, async () => {
  const lines = readFileSync(FILE, "utf8").trimEnd().split("\n");
  // Every line starts one stream of its own: all in one process, told apart by their names.
  const streams = lines.map((_, start) =>
    lines
      .slice(start, start + 40)
      .map((line) => {
        const t = (JSON.parse(line) as { mtime: number }).mtime;
        return `{"t":${t},"stream":"s${start % 1000}-","event":{}}`;
      })
      .join("\n"),
  );
  for (const part of [streams.slice(0, 1000), streams.slice(1000)]) {
    const { out, err } = await runShell("bin/diff", { input: `${part.join("\n")}\n` });
    assert.ok(Math.max(...gapsIn(out)) <= 60, err);
  }
});

test("through Redis, and in one pipe, the window is the same", options, async () => {
  const redis = await redisServer();
  const env = { REDIS_URL: redis.url };
  const replay = "bin/ingest --replay $FILE --speed max | bin/diff";
  const last = (out: string) =>
    JSON.parse(out.trimEnd().split("\n").at(-1)!) as { count: number; avg: number };
  for (const [window, count, avg] of [
    ["120s", 177, 0.728],
    ["30m", 1426, 0.7976],
  ] as const) {
    const stored = await run(`${replay} | bin/redis-insert --ttl ${window} && bin/avg --once`, env);
    assert.equal(last(stored.out).count, count);
    near(last(stored.out).avg, avg, 4);
    const piped = await run(`${replay} | bin/avg --stdin --window ${window}`);
    assert.deepEqual(
      [last(piped.out).count, last(piped.out).avg],
      [last(stored.out).count, last(stored.out).avg],
    );
    await redis.command("FLUSHALL");
  }
});

/** What a distribution is checked by. */
interface Counted {
  readonly avg: number;
  readonly count: number;
  readonly n: number;
  readonly categories: number;
  readonly entropy: number;
  readonly events: number;
  readonly late: number;
}
const counted = (out: string): Counted[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

for (const [which, where, n, categories, entropy, messages] of [
  ["of the US", "--where group.group_country=us", 642, 38, 4.481, 642],
  ["of the world", "", 680, 44, 4.623, 1541],
] as const) {
  test(
    `the recorded RSVPs ${which} come from ${categories} states, in one pipe and through Redis`,
    options,
    async () => {
      const redis = await redisServer();
      const env = { REDIS_URL: redis.url, EVENTS: `${folder}/${categories}.ndjson` };
      await run(`bin/ingest --replay $FILE --speed max ${where} > $EVENTS`, env);
      const piped = counted((await run("bin/stats --stdin --over all <$EVENTS", env)).out);
      const sum = (field: "events" | "late") => piped.reduce((total, record) => total + record[field], 0);
      assert.equal(sum("events") + sum("late"), messages);
      await run("bin/diff <$EVENTS | bin/redis-insert; bin/insert-distribution <$EVENTS", env);
      const [stored] = counted((await run("bin/stats --once --over all", env)).out);
      const window = ({ avg, count }: Counted) => ({ avg, count });
      assert.deepEqual(window(stored!), window(piped.at(-1)!));
      for (const last of [piped.at(-1)!, stored!]) {
        assert.deepEqual([last.n, last.categories], [n, categories]);
        near(last.entropy, entropy, 3);
      }
    },
  );
}

for (const spacing of [11, 20, 60, 4000, 86_400]) {
  test(`a slow stream, an event each ${spacing} s, keeps its gaps`, async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `{"mtime":${1.7e12 + i * spacing * 1000}}`).join("\n");
    const { out } = await runShell("bin/ingest --replay - --speed max | bin/diff", { input: lines });
    assert.deepEqual(gapsIn(out), Array(19).fill(spacing));
  });
}
