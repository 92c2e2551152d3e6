import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CategoryModel } from "../../src/distribution/category-model.ts";

const NOON = 1_489_924_800_000;
const near = (value: number, expected: number, within = 1e-9) =>
  assert.ok(Math.abs(value - expected) <= within, `${value}, expected ${expected}`);
const likelihood = (model: CategoryModel, name: string) => model.likelihood(name, 1);

/** A model that learnt these names, one a second. */
function learnt(names: readonly string[], categoriesMax = 1000): CategoryModel {
  const model = new CategoryModel(categoriesMax);
  names.forEach((name, i) => {
    model.advance(NOON + i * 1000);
    model.learn(name);
  });
  return model;
}
const repeated = (name: string, times: number) => Array.from({ length: times }, () => name);

/** The world's names, and what may come instead of one. */
const AWKWARD = [
  "__proto__",
  "constructor",
  "toString",
  "",
  " ",
  "ÿ\u0000",
  "日本",
  "x".repeat(2000),
  "\ud800",
];

test("before the first event anything is certain to be new", () =>
  assert.deepEqual(likelihood(new CategoryModel(10), "CA"), {
    familiarity: "new",
    probability: 1,
    rarity: 1,
    unseen: 1,
  }));

test("what comes often is probable, what never came is not impossible", () => {
  const model = learnt([...repeated("CA", 90), ...repeated("NY", 9), "AK"]);
  const [ca, ny, ak, wy] = ["CA", "NY", "AK", "WY"].map((name) => likelihood(model, name).probability);
  assert.ok(ca! > ny! && ny! > ak! && ak! > 0 && wy! > 0);
  // Good and Turing: one category in a hundred events was seen once.
  near(wy!, 1 / 101);
  assert.equal(likelihood(model, "WY").familiarity, "new");
});

test("a rarity adds up all that is as improbable or more, ties in full", () => {
  const model = new CategoryModel(1000);
  // All at one time: equal counts are equal in every component.
  model.advance(NOON);
  for (const name of [...repeated("A", 6), "B", "B", "C", "C", "D"]) model.learn(name);
  const [a, b, c, d] = ["A", "B", "C", "D"].map((name) => likelihood(model, name));
  near(b!.probability, c!.probability, 0);
  near(b!.rarity, c!.rarity);
  const { unseen } = d!;
  const upTo = (limit: number) =>
    [a, b, c, d].reduce((sum, one) => (one!.probability <= limit ? sum + one!.probability : sum), 0) +
    (unseen <= limit ? unseen : 0);
  for (const one of [a, b, c, d]) near(one!.rarity, upTo(one!.probability));
  near(a!.rarity, 1);
});

test("rarities are summed no further than asked for", () => {
  const model = learnt(Array.from({ length: 500 }, (_, i) => `category ${i % 50}`));
  const { rarity } = model.likelihood("category 7", 0.1);
  assert.ok(rarity > 0.1 && rarity < 0.2, String(rarity));
});

test("probabilities follow the world within a minute when it changes", () => {
  const before = Array.from({ length: 3600 }, (_, i) => (i % 100 === 0 ? "rare" : "common"));
  const model = learnt([...before, ...repeated("rare", 60)]);
  assert.ok(likelihood(model, "rare").probability > 0.5);
});

test("however long the world stood still, it is followed when it moves at last", () => {
  // In turns, so that nothing is learnt but that the longest memory knows best.
  const before = Array.from({ length: 40_000 }, (_, i) => `category ${(i * 7919) % 101}`);
  const after = Array.from({ length: 60 }, (_, i) => `category ${i % 3}`);
  assert.ok(likelihood(learnt([...before, ...after]), "category 1").probability > 0.12);
});

test("landmarks move without a jump in any probability, through a month of stream time", () => {
  const model = new CategoryModel(10);
  const names = ["A", "B", "C"];
  // The landmark of each decay moves at a multiple of 512 times its half-life, of 30 s and more.
  const period = 512 * 30_000;
  for (let landmark = NOON; landmark < NOON + 30 * 86_400_000; landmark += period) {
    const at = (time: number) => {
      model.advance(time);
      return names.map((name) => likelihood(model, name).probability);
    };
    for (let i = 0; i < 20; i++) {
      model.advance(landmark + i * 60_000);
      model.learn(names[(i * i) % 3]!);
    }
    const before = at(landmark + period);
    at(landmark + period + 1).forEach((probability, i) => void near(probability, before[i]!, 1e-6));
  }
});

test("categories past the limit, and endless names, count as never seen ones", () => {
  const model = learnt(["A", "B", ...repeated("C", 50), ...repeated("D", 48)], 2);
  assert.equal(model.categories, 2);
  assert.equal(likelihood(model, "C").familiarity, "beyond");
  near(likelihood(model, "D").probability, 100 / 101);
  near(likelihood(model, "A").probability + likelihood(model, "B").probability, 1 / 101);
  assert.equal(likelihood(learnt(["A"]), "x".repeat(257)).familiarity, "beyond");
});

test("a model that begins with counts is where it would be had it learnt them", () => {
  const names = Array.from({ length: 4 * 3600 }, (_, i) => (i % 50 === 0 ? "AK" : i % 3 === 0 ? "NY" : "CA"));
  const model = learnt(names);
  const end = NOON + (names.length - 1) * 1000;
  const counts = new Map<string, { all: number; recent: number }>();
  names.forEach((name, i) => {
    const count = counts.get(name) ?? { all: 0, recent: 0 };
    counts.set(name, { all: count.all + 1, recent: count.recent + 2 ** (-(names.length - 1 - i) / 3600) });
  });
  const begun = new CategoryModel(1000);
  begun.begin(counts, end);
  assert.equal(begun.events, model.events);
  for (const name of ["AK", "NY", "CA"]) {
    near(likelihood(begun, name).probability, likelihood(model, name).probability, 0.02);
  }
  near(likelihood(begun, "WY").probability, likelihood(model, "WY").probability);
});

test("of too many counts the most frequent stay, and nothing is lost of the rest", () => {
  const model = new CategoryModel(2);
  model.begin(new Map(["A", "B", "C"].map((name, i) => [name, { all: 10 ** i, recent: 1 }])), NOON);
  assert.deepEqual([model.categories, model.events], [2, 111]);
  assert.equal(likelihood(model, "A").familiarity, "beyond");
  near(likelihood(model, "A").probability, 1 / 112);
});

test("whatever comes, whenever: all probabilities are above 0 and add up to 1, and rarities are no less", () => {
  const time = fc.oneof(
    fc.integer({ min: 0, max: 100_000 }).map((ms) => NOON + ms),
    fc.integer({ min: 0, max: 253_402_300_800_000 }),
    fc.double({ min: 0, max: 1e14, noNaN: true }),
  );
  const name = fc.oneof(fc.constantFrom(...AWKWARD), fc.string(), fc.nat(9).map(String));
  fc.assert(
    fc.property(fc.array(fc.record({ time, name }), { minLength: 1, maxLength: 60 }), (events) => {
      const model = new CategoryModel(20);
      const kept = new Set<string>();
      for (const event of events) {
        model.advance(event.time);
        const { familiarity, probability, rarity, unseen } = likelihood(model, event.name);
        assert.equal(familiarity === "known", kept.has(event.name));
        assert.ok(probability > 0 && probability <= 1, String(probability));
        assert.ok(rarity >= probability * (1 - 1e-12) && rarity <= 1, `${rarity} ${probability}`);
        assert.ok(unseen > 0 && unseen <= 1);
        if (familiarity === "new") kept.add(event.name);
        model.learn(event.name);
      }
      const all = [...kept].map((one) => likelihood(model, one));
      if (all.length > 0)
        near(
          all.reduce((sum, one) => sum + one.probability, all[0]!.unseen),
          1,
        );
    }),
  );
});
