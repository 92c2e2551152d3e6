import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff } from "../../src/core/retry.ts";

test("ceilings double up to the limit and begin anew after a reset", () => {
  const waits = backOff({ first: 500, max: 60_000, random: () => 1 });
  assert.deepEqual(
    Array.from({ length: 9 }, () => waits.next()),
    [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000],
  );
  waits.reset();
  assert.equal(waits.next(), 500);
});

test("the jitter is full: from nothing to the ceiling", () => {
  const waits = backOff({ first: 500, max: 1000, random: () => 0 });
  assert.equal(waits.next(), 0);
});
