import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PresentRate } from "../../src/distribution/present-rate.ts";

const NOON = 1_489_924_800_000;

/** The rate after events at these seconds. */
function rateAfter(seconds: Iterable<number>): number {
  const rate = new PresentRate();
  for (const second of seconds) rate.add(NOON + second * 1000);
  return rate.perSecond();
}
const each = (length: number, step: number, from = 0) => Array.from({ length }, (_, i) => from + i * step);
const near = (value: number, expected: number) =>
  assert.ok(Math.abs(value / expected - 1) < 0.02, `${value}, expected ${expected}`);

test("before the first event the rate is 0", () => assert.equal(new PresentRate().perSecond(), 0));

test("a steady rate is known within a minute, and stays", () => {
  near(rateAfter(each(600, 0.1)), 10);
  near(rateAfter(each(36_000, 0.1)), 10);
  near(rateAfter(each(400_000, 0.1)), 10);
});

test("a new rate is known after some hours", () => {
  near(rateAfter([...each(7200, 1), ...each(40_000, 0.8, 7200)]), 1.25);
});

test("a burst at the start is taken to fill a second", () => assert.equal(rateAfter(each(300, 0)), 300));

test("whatever the times, the rate is a number above 0", () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e11 }), { minLength: 1 }), (seconds) => {
      const rate = rateAfter(seconds);
      assert.ok(rate > 0 && Number.isFinite(rate), String(rate));
    }),
  ));
