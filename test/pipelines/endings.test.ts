import assert from "node:assert/strict";
import { test } from "node:test";
import { assertEqualCounts, ingestSetting, signal } from "../support/ingest-script.ts";
import { interruptAll, logRecords, pidOf } from "../support/pipeline.ts";
import type { RunningTool } from "../support/run-tool.ts";
import { until } from "../support/until.ts";

const setting = await ingestSetting();

for (const [how, expected, end] of [
  ["Ctrl-C", 130, (script) => interruptAll(script)],
  ["SIGTERM to the script", 143, (script) => script.child.kill("SIGTERM")],
  ["SIGTERM to ingest", 143, (script) => signal(script, "ingest", "SIGTERM")],
] as const satisfies readonly [string, number, (script: RunningTool) => unknown][]) {
  test(`${how} loses nothing: every branch got every event that ingest counted`, async () => {
    const script = await setting.start(how);
    await setting.eventsPass(how);
    await end(script);
    const { code, err } = await script.ended;
    assert.equal(code, expected, err);
    assert.deepEqual(script.words(), []);
    assertEqualCounts(err);
    assert.deepEqual(script.left(), []);
  });
}

test("a second Ctrl-C ends all at once, even what was stopped", async () => {
  const script = await setting.start("twice");
  await signal(script, "diff", "SIGSTOP");
  interruptAll(script);
  // It may have ended before anything came.
  await until("ingest has ended", () =>
    logRecords(script.err()).some(({ tool, read }) => tool === "ingest" && typeof read === "number"),
  );
  interruptAll(script);
  const { code, err } = await script.ended;
  assert.equal(code, 130, err);
  assert.deepEqual(script.left(), []);
});

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test("a script that is killed leaves no process and no file behind", async () => {
  const script = await setting.start("orphans");
  await setting.eventsPass("orphans");
  const tools = ["ingest", "tee", "diff", "redis-insert", "insert-distribution", "unusualness", "slack-push"];
  const pids = await Promise.all(tools.map((tool) => pidOf(script, tool)));
  script.child.kill("SIGKILL");
  // Its standard error is closed once nobody holds it any more.
  const { err } = await script.ended;
  await until("all have ended", () => pids.every(isGone));
  await until("the folder is removed", () => script.left().length === 0);
  assertEqualCounts(err);
});

test("signals that come while the script tells of an end do not end it before its tools", async () => {
  const script = await setting.start("signals");
  await signal(script, "insert-distribution", "SIGKILL");
  // Many, for one has to come while the words are put together, which takes some milliseconds.
  const signals = setInterval(() => script.child.kill("SIGTERM"), 2);
  const { code, err } = await script.ended;
  clearInterval(signals);
  assert.equal(code, 137, err);
  assert.match(script.words().join("\n"), /^insert-distribution was ended by SIGKILL(; [a-z ]+)?$/);
  assert.deepEqual(script.left(), []);
});
