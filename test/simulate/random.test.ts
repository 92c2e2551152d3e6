import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../src/simulate/random.ts";

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.uniform());

test("the same seed gives the same numbers, another seed others", () => {
  assert.deepEqual(draws(new Random("a", 1), 100), draws(new Random("a", 1), 100));
  assert.notDeepEqual(draws(new Random("a", 1), 3), draws(new Random("a", 2), 3));
});

test("the parts of a seed are not run together", () => {
  assert.notDeepEqual(draws(new Random("a", "bc"), 3), draws(new Random("ab", "c"), 3));
});

test("numbers of neighbouring seeds are as spread as those of one", () => {
  const first = Array.from({ length: 10_000 }, (_, i) => new Random("member", i).uniform());
  for (let tenth = 0; tenth < 10; tenth++) {
    const inside = first.filter((value) => value >= tenth / 10 && value < (tenth + 1) / 10).length;
    assert.ok(Math.abs(inside - 1000) < 150, `${inside} of 10,000 in tenth ${tenth}`);
  }
});

test("uniform numbers lie in [0, 1), integers below their bound", () =>
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 1e9 }), (seed, bound) => {
      const random = new Random(seed);
      const integer = random.below(bound);
      assert.ok(Number.isInteger(integer) && integer >= 0 && integer < bound);
      assert.ok(draws(random, 20).every((value) => value >= 0 && value < 1));
    }),
  ));

test("exponential numbers have mean 1 and variance 1", () => {
  const random = new Random("exponential");
  const values = Array.from({ length: 100_000 }, () => random.exponential());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean - 1) < 0.02, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 0.05, `variance ${variance}`);
});
