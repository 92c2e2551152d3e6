import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decayUntil,
  HALF_LIFE_MS,
  halfLivesBetween,
  landmarkOf,
  movedLandmark,
  scaled,
  weightAt,
} from "../../src/distribution/decay.ts";

const NOON = 1_489_924_800_000;
const time = () => fc.integer({ min: 0, max: 4e12 });

test("a weight doubles with each hour of arrival, and an hour and a half is the square root of eight", () => {
  const landmark = landmarkOf(NOON);
  assert.equal(weightAt(landmark, landmark), 1);
  assert.equal(weightAt(landmark + HALF_LIFE_MS, landmark), 2);
  assert.equal(weightAt(landmark - HALF_LIFE_MS, landmark), 0.5);
  assert.equal(weightAt(landmark + 1.5 * HALF_LIFE_MS, landmark), 2 * Math.SQRT2);
});

test("what came an hour ago weighs half, whatever the landmark", () => {
  for (const landmark of [landmarkOf(NOON), landmarkOf(NOON) - 63 * HALF_LIFE_MS]) {
    const weight = weightAt(NOON + 1234, landmark) * decayUntil(NOON + 1234 + HALF_LIFE_MS, landmark);
    assert.ok(Math.abs(weight - 0.5) < 1e-15);
  }
});

test("the landmark is a whole number of half-lives and stays until 64 of them have passed", () => {
  const landmark = landmarkOf(NOON + 59 * 60_000);
  assert.equal(landmark % HALF_LIFE_MS, 0);
  assert.equal(movedLandmark(landmark, landmark + 64 * HALF_LIFE_MS - 1), landmark);
  assert.equal(movedLandmark(landmark, landmark + 64 * HALF_LIFE_MS), landmark + 64 * HALF_LIFE_MS);
  assert.equal(movedLandmark(landmark, landmark - 1e9), landmark, "never back");
});

test("a weight relative to another landmark is the same number to the bit", () =>
  fc.assert(
    fc.property(time(), time(), fc.integer({ min: -70, max: 70 }), (at, base, moved) => {
      const from = landmarkOf(base);
      fc.pre(Math.abs(at - from) < 900 * HALF_LIFE_MS);
      const to = from + moved * HALF_LIFE_MS;
      assert.equal(scaled(weightAt(at, from), halfLivesBetween(to, from)), weightAt(at, to));
    }),
  ));

test("a power of two beyond every double gives nought or infinity, never NaN, and what fits is exact", () => {
  assert.equal(scaled(3, -1e9), 0);
  assert.equal(scaled(3, 1e9), Number.POSITIVE_INFINITY);
  assert.equal(scaled(0, 1e9), 0);
  assert.equal(scaled(2 ** -1000, 2000), 2 ** 1000);
  assert.equal(scaled(2 ** 1000, -2000), 2 ** -1000);
  assert.equal(scaled(2 ** 60, -1100), 2 ** -1040);
  assert.equal(weightAt(0, landmarkOf(NOON)), 0, "of 1970, as of today");
});
