import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tenFigures } from "../../src/core/figures.ts";
import { entropyOf, millerMadow } from "../../src/distribution/entropy.ts";

test("of nothing, and of weights that weigh nothing, there is no entropy", () => {
  assert.equal(entropyOf([]), null);
  assert.equal(entropyOf([0, 0]), null);
});

test("one category has no entropy, and no minus nought", () => {
  for (const weights of [[7], [0, 7, 0], [1e-300], [5e-324]]) assert.ok(Object.is(entropyOf(weights), 0));
});

test("categories alike have log2 of their number, whatever they weigh", () => {
  for (const weight of [1, 3, 1e-6, 1e15]) {
    assert.equal(entropyOf([weight, weight]), 1);
    assert.equal(entropyOf(Array(8).fill(weight)), 3);
  }
});

test("the textbook's: halves, quarters and eighths are 1.75 bits", () =>
  assert.equal(entropyOf([4, 2, 1, 1]), 1.75));

test("the US states of the recorded RSVPs' greatest six have 2.5 bits", () =>
  assert.equal(entropyOf([75, 65, 45, 42, 40, 40])!.toFixed(6), "2.535775"));

/** log2 of a whole number of any length, to a double's precision. */
function log2Of(whole: bigint): number {
  const excess = BigInt(Math.max(0, whole.toString(2).length - 60));
  return Number(excess) + Math.log2(Number(whole >> excess));
}
/** From whole numbers alone: log2 of n^n over the product of all w^w, divided by n. */
function exactEntropy(counts: readonly number[]): number {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const product = counts.reduce((whole, count) => whole * BigInt(count) ** BigInt(count), 1n);
  // Scaled, so that a quotient near one keeps its figures.
  const quotient = ((BigInt(n) ** BigInt(n)) << 200n) / product;
  return (log2Of(quotient) - 200) / n;
}
const counts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });

test("it is what whole numbers of any length give, to eleven figures", () =>
  fc.assert(
    fc.property(counts, (whole) => {
      const expected = exactEntropy(whole);
      assert.ok(Math.abs(entropyOf(whole)! - expected) <= 1e-11 * Math.max(1, expected));
    }),
  ));

test("one event among very many keeps its figures", () => {
  // p log2(1/p) + (1 - p) log2(1/(1 - p)), by series: (ln(1/p) + 1 - p/2) p / ln 2.
  for (const p of [1e-6, 1e-9, 1e-12]) {
    const expected = ((Math.log(1 / p) + 1 - p / 2) * p) / Math.LN2;
    assert.equal(tenFigures(entropyOf([p / (1 - p), 1])!), tenFigures(expected));
  }
});

const weights = fc.array(
  fc.oneof(
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    fc.double({ min: 0, max: 1e-300, noNaN: true }),
    fc.constant(0),
  ),
  { maxLength: 50 },
);

test("it lies between 0 and log2 of the categories that weigh something, and is the same in any order", () =>
  fc.assert(
    fc.property(weights, fc.integer(), (some, seed) => {
      const entropy = entropyOf(some);
      const heavy = some.filter((weight) => weight > 0).length;
      if (heavy === 0) return assert.equal(entropy, null);
      assert.ok(entropy! >= 0 && entropy! <= Math.log2(heavy) + 1e-12, `${entropy} of ${heavy}`);
      const turned = some.map((_, i) => some[(i + Math.abs(seed)) % some.length]!).reverse();
      assert.ok(Object.is(entropyOf(turned), entropy));
    }),
  ));

test("the correction after Miller and Madow is (categories - 1) / (2 n ln 2)", () => {
  assert.equal(millerMadow(4.5, { n: 642, categories: 38 }), 4.5 + 37 / (2 * 642 * Math.log(2)));
  assert.ok(Object.is(millerMadow(0, { n: 5, categories: 1 }), 0));
});

test("below five events a category nothing is corrected", () => {
  assert.equal(millerMadow(1, { n: 9.99, categories: 2 }), null);
  assert.notEqual(millerMadow(1, { n: 10, categories: 2 }), null);
});
