import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { retryDelay } from "../../src/page/retry-delay.ts";
import { roundTop, timeTicks, timeWindow } from "../../src/page/time-axis.ts";

test("the chosen time is shown, or as much of it as is known, but not less than five minutes", () => {
  assert.deepEqual(timeWindow(3600, 0, 10_000), [6400, 10_000]);
  assert.deepEqual(timeWindow(3600, 9000, 10_000), [9000, 10_000]);
  assert.deepEqual(timeWindow(3600, 9990, 10_000), [9700, 10_000]);
  assert.deepEqual(timeWindow(300, 0, 10_000), [9700, 10_000]);
  assert.deepEqual(timeWindow(300, undefined, 10_000), [9700, 10_000]);
});

test("ticks are round times, at most as many as fit", () => {
  assert.deepEqual(timeTicks([100, 400], 6), [120, 180, 240, 300, 360]);
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.integer({ min: 300, max: 3600 }),
      fc.integer({ min: 4, max: 12 }),
      (from, span, most) => {
        const ticks = timeTicks([from, from + span], most);
        assert.ok(ticks.length >= 1 && ticks.length <= most + 1);
        assert.ok(ticks.every((tick) => tick >= from && tick <= from + span));
      },
    ),
  );
});

test("the top of an axis is a round number with some air above what is most", () => {
  assert.deepEqual([0, 9.8, 13, 31, 0.4, 880].map(roundTop), [1, 15, 15, 40, 0.5, 1000]);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (most) => {
      assert.ok(roundTop(most) > most && roundTop(most) < most * 2.5);
    }),
  );
});

test("a connection is tried again after 1, 2, 4, 5, 5 s, give or take a quarter", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 9].map((attempt) => retryDelay(attempt, 0.5)),
    [1000, 2000, 4000, 5000, 5000],
  );
  assert.deepEqual([retryDelay(0, 0), retryDelay(0, 1)], [750, 1250]);
});
