import assert from "node:assert/strict";
import { test } from "node:test";
import { grown, leastOf, numbersOf } from "../../../src/detect/change/vectors.ts";

test("numbers that have room enough are given back as they are", () => {
  const numbers = Float64Array.of(1, 2, 3);
  assert.equal(grown(numbers, 3), numbers);
  assert.equal(grown(numbers, 0), numbers);
});

test("grown numbers keep what they hold, the new ones are 0, and room is doubled at least", () => {
  assert.deepEqual([...grown(Float64Array.of(1, 2), 3)], [1, 2, 0, 0]);
  assert.deepEqual([...grown(new Float64Array(0), 2)], [0, 0]);
  assert.equal(grown(new Float64Array(10), 1000).length, 1000);
});

test("numbers of a snapshot are read; a list with anything else is refused", () => {
  assert.deepEqual([...numbersOf({ a: [1, 2.5] }, "a")], [1, 2.5]);
  for (const bad of [undefined, null, 7, [null], ["1"], [1, {}]]) {
    assert.throws(() => numbersOf({ a: bad }, "a"), { kind: "badInput" });
  }
});

test("the least of the eligible is found, the first of equals, or none", () => {
  const numbers = [3, 1, 2, 1];
  const least = (isEligible: (channel: number) => boolean) =>
    leastOf(numbers.length, { of: (channel) => numbers[channel]!, isEligible });
  assert.equal(
    least(() => true),
    1,
  );
  assert.equal(
    least((channel) => channel !== 1),
    3,
  );
  assert.equal(
    least(() => false),
    undefined,
  );
});
