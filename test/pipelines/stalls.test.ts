import assert from "node:assert/strict";
import { test } from "node:test";
import { assertEqualCounts, ingestSetting, signal } from "../support/ingest-script.ts";
import { until } from "../support/until.ts";

const setting = await ingestSetting();

test("a program that was stopped is named after 10 s, and when it reads on, and nothing is lost", async () => {
  const script = await setting.start("stopped");
  await setting.eventsPass("stopped");
  await signal(script, "redis-insert", "SIGSTOP");
  const begun = performance.now();
  await until("it is named", () => script.words().length > 0, 60);
  assert.ok(performance.now() - begun > 9_000, "not before its time");
  assert.deepEqual(script.words(), ["redis-insert has not read for 10 s; the others wait for it"]);
  await signal(script, "redis-insert", "SIGCONT");
  await until("it is said to read on", () => script.words().includes("redis-insert reads again"));
  script.child.kill("SIGTERM");
  const { code, err } = await script.ended;
  assert.equal(code, 143, err);
  assert.equal(script.words().length, 2, err);
  assertEqualCounts(err);
});
