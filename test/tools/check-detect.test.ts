import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { lines, START } from "../detect/rates.ts";
import { alerts, at, recording, rule } from "../detect/recording.ts";
import { runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();

test("a recording with three causes tells three stories, and the summary adds up", async () => {
  const { code, out, err } = await runTool("check-detect", rule, { input: lines(recording) });
  assert.equal(code, 0);
  const told = alerts(out).filter(({ state }) => state !== "reminder");
  assert.deepEqual(
    told.map(({ state, alert }) => `${alert} ${state}`),
    ["threshold", "silence", "blind"].flatMap((kind) => [`${kind} firing`, `${kind} resolved`]),
  );
  assert.match(
    err,
    /check-detect: \d+ alert records from 1 stream\ncheck-detect: 1300 read = 1300 judged\n$/,
  );
});

test("Ctrl-C leaves a filter alone; it ends with its input", async () => {
  const tool = startTool("check-detect", ["--below", "avg=1s"]);
  tool.child.stdin.write(at(0, 5));
  tool.child.stdin.write(at(1, 0.5));
  await until("it reads", () => tool.out() !== "");
  tool.child.kill("SIGINT");
  tool.child.stdin.end(at(2, 5));
  const { code, out } = await tool.ended;
  assert.equal(code, 0);
  assert.deepEqual(
    alerts(out).map(({ state }) => state),
    ["firing", "resolved"],
  );
});

test("planned silences are read while it runs", async () => {
  const mute = `${folder}/mute`;
  writeFileSync(mute, '{"from":"2026-03-19T12:00Z","to":"2026-03-19T13:00Z","stream":"rsvps"}\n');
  const tool = startTool("check-detect", ["--below", "avg=1s", "--mute", mute]);
  const other = at(1, 0.5).replace("rsvps", "other");
  tool.child.stdin.write(at(1, 0.5) + other);
  await until("the other stream's alert is there", () => tool.out() !== "");
  writeFileSync(mute, '{"from":"2026-03-19T12:00Z","to":"2026-03-19T12:00:30Z"}\n');
  tool.child.stdin.end(at(29, 0.5) + at(30, 0.5));
  const { err, out } = await tool.ended;
  assert.deepEqual(
    alerts(out).map(({ stream, t }) => [stream, t]),
    [
      ["other", START + 1000],
      ["rsvps", START + 30_000],
    ],
  );
  assert.match(err, /mute changed: 1 planned silences/);
  assert.match(err, /2 alert records from 2 streams; 1 kept back by planned silences/);
});

test("a bad file of planned silences is a fault of configuration", async () => {
  const mute = `${folder}/bad-mute`;
  writeFileSync(mute, "tonight\n");
  const { code, err } = await runTool("check-detect", ["--mute", mute]);
  assert.equal(code, 78);
  assert.match(err, /bad-mute: line 1: expected/);
});

test("the recorded RSVPs raise nothing by default", async (context) => {
  const data = process.env["RSVPULSE_DATA"] ?? "../shared/data";
  const file = `${data}/meetup-rsvps-2017-03-19.ndjson`;
  if (!existsSync(file)) return context.skip(`no recording at ${file}`);
  const { out, code } = await runShell(
    `bin/diff --time mtime < ${file} | bin/avg --stdin | bin/check-detect`,
  );
  assert.deepEqual([out, code], ["", 0]);
});
