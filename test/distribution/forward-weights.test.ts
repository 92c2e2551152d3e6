import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ForwardWeights } from "../../src/distribution/forward-weights.ts";

const NOON = 1_489_924_800_000;
const HOUR = 3_600_000;
const near = (value: number, expected: number) =>
  assert.ok(Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${value} ${expected}`);

test("a weight halves in each column after its own half-life, and plain sums stay", () => {
  const weights = new ForwardWeights([3600, 60, Number.POSITIVE_INFINITY]);
  weights.advance(NOON);
  for (const column of [0, 1, 2]) weights.add(7, column, 8);
  weights.advance(NOON + HOUR);
  near(weights.at(7, 0), 4);
  near(weights.at(7, 1), 8 * 2 ** -60);
  assert.equal(weights.at(7, 2), 8);
  assert.equal(weights.at(8, 2), 0);
  assert.equal(weights.at(1e6, 0), 0);
});

test("nothing jumps when a landmark moves, through a month of half-minutes", () => {
  const weights = new ForwardWeights([30]);
  let expected = 0;
  for (let second = 0; second <= 30 * 86_400; second += 10) {
    expected *= 2 ** (-10 / 30);
    weights.advance(NOON + second * 1000);
    near(weights.at(3, 0), expected);
    near(weights.total(0), expected);
    weights.add(3, 0);
    expected++;
  }
});

test("a leap of ten thousand years leaves nothing, and what comes then counts in full", () => {
  const weights = new ForwardWeights([30, Number.POSITIVE_INFINITY]);
  weights.advance(0);
  weights.add(0, 0);
  weights.add(0, 1);
  weights.advance(253_402_300_800_000);
  assert.deepEqual([weights.at(0, 0), weights.total(0), weights.at(0, 1)], [0, 0, 1]);
  weights.add(0, 0);
  near(weights.at(0, 0), 1);
});

test("whatever the times, weights are the sum of what was added, decayed until the greatest time", () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ time: fc.integer({ min: 0, max: 1e8 }), index: fc.nat(40) }), { maxLength: 60 }),
      (additions) => {
        const weights = new ForwardWeights([30]);
        let now = 0;
        const added: { time: number; index: number }[] = [];
        for (const { time, index } of additions) {
          now = Math.max(now, time);
          weights.advance(time);
          weights.add(index, 0);
          added.push({ time: now, index });
        }
        const sum = (kept: typeof added) =>
          kept.reduce((all, { time }) => all + 2 ** (-(now - time) / 30_000), 0);
        for (const { index } of added)
          near(weights.at(index, 0), sum(added.filter((one) => one.index === index)));
        near(weights.total(0), sum(added));
      },
    ),
  ));
