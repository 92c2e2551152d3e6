import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { probabilitiesOf } from "../../src/distribution/probability.ts";

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-12 * Math.abs(b);

test("where nothing was ever counted, all is the unknown", () => {
  const { of, unknown } = probabilitiesOf(new Map());
  assert.equal(unknown, 1);
  assert.equal(of("CA"), 1);
});

test("one event that never was is shared among the known categories and the escape", () => {
  const { of, unknown } = probabilitiesOf(new Map(Object.entries({ CA: 3, NY: 1, TX: 0 })));
  assert.ok(near(of("CA"), 3.25 / 5));
  assert.ok(near(of("TX"), 0.25 / 5), "known, though it weighs nothing");
  assert.ok(near(unknown, 0.25 / 5));
  assert.equal(of("never seen"), unknown);
  assert.equal(of("__proto__"), unknown);
});

test("probabilities are never nought nor more than one, and sum to one with the escape's", () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.string(), fc.double({ min: 0, max: 1e9, noNaN: true })), {
        selector: ([name]) => name,
        maxLength: 50,
      }),
      (entries) => {
        const { of, unknown } = probabilitiesOf(new Map(entries));
        const all = [...entries.map(([name]) => of(name)), unknown];
        assert.ok(all.every((p) => p > 0 && p <= 1));
        assert.ok(
          near(
            all.reduce((sum, p) => sum + p, 0),
            1,
          ),
        );
      },
    ),
  ));
