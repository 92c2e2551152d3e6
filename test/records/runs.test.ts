import assert from "node:assert/strict";
import { test } from "node:test";
import { runsIn } from "../../src/records/runs.ts";

test("an input has one run of each stream", () => {
  const runs = runsIn();
  assert.equal(runs.any, false);
  runs.begin("a", { run: 1 });
  runs.begin("a", { run: 1 });
  runs.begin("b", { run: 2 });
  assert.equal(runs.any, true);
  assert.throws(
    () => runs.begin("a", { run: 3 }),
    /^ToolError: a: expected one run of ingest --resume in a pipe/,
  );
});
