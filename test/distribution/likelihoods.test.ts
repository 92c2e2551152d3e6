import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CategoryLikelihood, likelihoodsOf } from "../../src/distribution/likelihoods.ts";

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
const UNKNOWN = "a name that no category has";

/** Weights from nought to the sum of years of a busy stream, and such as ten half-lives leave. */
const weights = () =>
  fc
    .uniqueArray(
      fc.tuple(
        fc.string({ unit: "binary" }).filter((name) => name !== UNKNOWN),
        fc.oneof(
          fc.double({ min: 0, max: 1e15, noNaN: true }),
          fc.nat(50),
          fc.double({ min: 0, max: 1e-9, noNaN: true }),
          fc.constantFrom(0, Number.MIN_VALUE, 1e300),
        ),
      ),
      { selector: ([name]) => name, maxLength: 60 },
    )
    .map((entries) => new Map(entries));

/** The likelihoods of all categories, and of the unknown. */
const allOf = (of: Map<string, number>): CategoryLikelihood[] => {
  const likelihood = likelihoodsOf(of);
  return [...of.keys(), UNKNOWN].map(likelihood);
};

test("where nothing was counted the unknown is certain: no surprise, and as common as all", () =>
  assert.deepEqual(likelihoodsOf(new Map())("CA"), { probability: 1, surprisal: 0, rarity: 1 }));

test("a few counts give the shares of one event more, their bits, and the sum of what is no likelier", () => {
  const likelihood = likelihoodsOf(new Map(Object.entries({ CA: 5, NY: 1, TX: 1 })));
  const { probability, surprisal, rarity } = likelihood("CA");
  assert.ok(near(probability, 5.25 / 8));
  assert.ok(near(surprisal, Math.log2(8 / 5.25)));
  assert.ok(near(rarity, 1));
  assert.ok(near(likelihood("NY").rarity, 2.75 / 8), "a tie counts in full");
  assert.deepEqual(likelihood("TX"), likelihood("NY"));
  assert.ok(near(likelihood(UNKNOWN).probability, 0.25 / 8));
  assert.deepEqual(likelihood("__proto__"), likelihood(UNKNOWN));
  assert.deepEqual(likelihood("constructor"), likelihood(UNKNOWN));
});

test("probabilities are positive, sum to one with the escape's, and the surprisal is their bits", () =>
  fc.assert(
    fc.property(weights(), (counted) => {
      const all = allOf(counted);
      for (const { probability, surprisal, rarity } of all) {
        assert.ok(probability > 0 && probability <= 1, `${probability}`);
        assert.ok(surprisal >= 0 && Number.isFinite(surprisal));
        assert.ok(Object.is(surprisal, 0) || near(surprisal, -Math.log2(probability)));
        assert.ok(rarity > 0 && rarity <= 1);
        assert.ok(rarity >= probability * (1 - 1e-9), "it is among those no likelier than itself");
      }
      assert.ok(
        near(
          all.reduce((sum, { probability }) => sum + probability, 0),
          1,
        ),
      );
    }),
  ));

test("rarity grows with probability, ties share it, and the most probable has all", () =>
  fc.assert(
    fc.property(weights(), (counted) => {
      const all = allOf(counted).sort((a, b) => a.probability - b.probability);
      for (let i = 1; i < all.length; i++) {
        const [before, after] = [all[i - 1]!, all[i]!];
        if (before.probability === after.probability) assert.equal(before.rarity, after.rarity);
        else assert.ok(before.rarity <= after.rarity);
        const upTo = all
          .filter(({ probability }) => probability <= after.probability)
          .reduce((sum, { probability }) => sum + probability, 0);
        assert.ok(near(after.rarity, upTo));
      }
      assert.ok(near(all.at(-1)!.rarity, 1));
    }),
  ));

test("a thousand categories of one weight are all as common as all", () => {
  const likelihood = likelihoodsOf(new Map(Array.from({ length: 1000 }, (_, i) => [String(i), 1])));
  assert.ok(near(likelihood("7").rarity, 1));
  assert.ok(likelihood(UNKNOWN).rarity < 1e-5);
});
