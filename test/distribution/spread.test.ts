import assert from "node:assert/strict";
import { test } from "node:test";
import { spreadOf } from "../../src/distribution/spread.ts";

const weights = (...pairs: readonly (readonly [string, number])[]) => new Map(pairs);

test("of nothing there is no entropy; it holds no events and no categories", () => {
  const nothing = { entropy: null, entropyCorrected: null, n: 0, categories: 0 };
  assert.deepEqual(spreadOf(weights(), "all"), nothing);
  assert.deepEqual(spreadOf(weights(["CA", 0], ["NY", 0]), "recent"), nothing);
});

test("of all, every category counted once is one; a known one never counted is none", () =>
  assert.deepEqual(spreadOf(weights(["CA", 14], ["NY", 1], ["TX", 0]), "all"), {
    entropy: 0.353359335,
    entropyCorrected: 0.4014491697,
    n: 15,
    categories: 2,
  }));

test("of recent, a category is one as long as a thousandth of an event is left of it", () => {
  assert.equal(spreadOf(weights(["CA", 1], ["NY", 2 ** -10]), "recent").categories, 2);
  const { categories, entropy, n } = spreadOf(weights(["CA", 1], ["NY", 2 ** -10.1]), "recent");
  assert.deepEqual([categories, entropy], [1, 0]);
  assert.ok(n! > 1, "but weighs what it weighs");
});

test("when ten hours were quiet there is no entropy of recent, and hardly an event", () =>
  assert.deepEqual(spreadOf(weights(["CA", 2 ** -11], ["NY", 2 ** -12]), "recent"), {
    entropy: null,
    entropyCorrected: null,
    n: 0.000732421875,
    categories: 0,
  }));

test("numbers have ten figures, the same in any order of the categories", () => {
  const pairs = Array.from({ length: 1000 }, (_, i) => [`k${i}`, 2 ** -((i * 37) % 11) / 3] as const);
  const spread = spreadOf(weights(...pairs), "recent");
  assert.deepEqual(spreadOf(weights(...pairs.toReversed()), "recent"), spread);
  assert.ok(String(spread.entropy).length <= 11);
});
