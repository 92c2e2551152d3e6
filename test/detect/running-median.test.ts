import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RunningMedian } from "../../src/detect/running-median.ts";

const slot = 10_000;

test("there is no median before the first value", () => assert.equal(new RunningMedian().get(), undefined));

test("of several values in ten seconds the first one counts", () => {
  const median = new RunningMedian();
  median.push(1, 0);
  median.push(100, slot - 1);
  assert.equal(median.get(), 1);
  median.push(3, slot);
  assert.equal(median.get(), 2);
});

test("it is exact over the last 360 slots and remembers no more, and a restored one goes on alike", () =>
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 800 }),
      (values) => {
        const median = new RunningMedian();
        values.forEach((value, i) => void median.push(value, i * slot));
        const sorted = values.slice(-360).sort((a, b) => a - b);
        const middle = sorted.length >> 1;
        const expected =
          sorted.length % 2 === 1 ? sorted[middle]! : sorted[middle - 1]! / 2 + sorted[middle]! / 2;
        assert.equal(median.get(), expected);
        const again = RunningMedian.restore(JSON.parse(JSON.stringify(median.snapshot())));
        assert.ok(Object.is(again.get(), median.get()) || again.get() === median.get());
      },
    ),
    { numRuns: 50 },
  ));

test("a damaged snapshot is refused", () => {
  assert.throws(() => RunningMedian.restore({ values: ["x"], slot: null }), /expected a list in values/);
  assert.throws(() => RunningMedian.restore(7), /expected an object in median/);
});
