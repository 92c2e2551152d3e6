import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Comparison } from "../../src/api/comparison.ts";
import type { ComparedShare, Shares } from "../../src/api/wire.ts";
import { stateNameOf } from "../../src/core/us-states.ts";
import { PLAIN_WORDS } from "../../src/detect/change-words.ts";
import { Random } from "../../src/simulate/random.ts";
import { poisson } from "../detect/worlds.ts";

const WORDS = { noun: "RSVP", nameOf: stateNameOf };
const NONE_KEPT = () => false;
const all = { max: 2000, isKept: NONE_KEPT };
const STATES = { CA: 4, NY: 3, TX: 2, FL: 2, IL: 1, WA: 1, OR: 0.5 };

const named = ({ categories }: Pick<Shares, "categories">, key: string): ComparedShare =>
  categories.find((one) => one.key === key) ?? assert.fail(`no ${key}`);
const standing = ({ categories }: Pick<Shares, "categories">) =>
  categories.filter((one) => one.standing !== "usual").map(({ key, standing: how }) => `${key} ${how}`);

/** A comparison after seconds of Poisson counts with these means. */
function after(seconds: number, means: Readonly<Record<string, number>>) {
  const comparison = new Comparison();
  const random = new Random("api");
  let second = 1_000_000;
  const go = (length: number, of: Readonly<Record<string, number>>, each = () => {}) => {
    for (let i = 0; i < length; i++) {
      const counts = Object.entries(of).map(([key, mean]) => [key, poisson(mean, random)] as const);
      comparison.push(++second, 1, Object.fromEntries(counts));
      each();
    }
  };
  go(seconds, means);
  return { comparison, go };
}

test("before anything came there is nothing to compare, and no number is odd", () => {
  const shares = new Comparison().shares(WORDS, all);
  assert.deepEqual(shares, {
    noun: "RSVP",
    now: { seconds: 0, n: 0 },
    usual: { seconds: 0, n: 0 },
    places: null,
    categories: [],
    others: { categories: 0, now: 0, usual: null },
  });
});

test("what is usual is unknown until a hundred events came before those of now", () => {
  const comparison = new Comparison();
  for (let second = 0; second < 20; second++) comparison.push(second, 1, { CA: 5 });
  const early = named(comparison.shares(WORDS, all), "CA");
  assert.deepEqual(early, {
    key: "CA",
    name: "California",
    now: 1,
    usual: null,
    surplus: 0,
    standing: "usual",
  });
  for (let second = 20; second < 60; second++) comparison.push(second, 1, { CA: 5, NY: 5 });
  assert.equal(typeof named(comparison.shares(WORDS, all), "CA").usual, "number");
});

test("a surge of one state stands out within three seconds, first and alone, and is over soon after", () => {
  const { comparison, go } = after(1800, STATES);
  assert.deepEqual(standing(comparison.shares(WORDS, all)), []);
  let seconds = 0;
  while (seconds < 60 && standing(comparison.shares(WORDS, all)).length === 0) {
    go(1, { ...STATES, TX: 40 });
    seconds++;
  }
  assert.ok(seconds <= 3, `after ${seconds} s`);
  go(10, { ...STATES, TX: 40 });
  const shares = comparison.shares(WORDS, all);
  assert.equal(standing(shares)[0], "TX surging");
  const { now, usual, surplus } = shares.categories[0]!;
  assert.ok(now > 0.6 && usual! < 0.3 && surplus > 4, `${now} ${usual} ${surplus}`);
  go(120, STATES);
  assert.deepEqual(standing(comparison.shares(WORDS, all)), []);
});

test("a state that falls silent stands out as fallen", () => {
  const { comparison, go } = after(1800, STATES);
  go(60, { ...STATES, CA: 0 });
  assert.ok(standing(comparison.shares(WORDS, all)).includes("CA fallen"));
  assert.ok(named(comparison.shares(WORDS, all), "CA").surplus <= -4);
});

test("chance alone makes nothing stand out in an hour, save once in a great while", () => {
  const { comparison, go } = after(1800, STATES);
  let out = 0;
  go(3600, STATES, () => {
    out += standing(comparison.shares(WORDS, all)).length;
  });
  assert.ok(out <= 20, `${out} of 25,200`);
});

test("the span of now is the shortest with enough events, and does not flicker at its edge", () => {
  for (const [rate, expected] of [
    [100, 10],
    [10, 30],
    [4, 60],
    [1, 300],
    [0.01, 900],
  ] as const) {
    const { comparison } = after(2000, { CA: rate });
    assert.equal(comparison.shares(WORDS, all).now.seconds, expected, `${rate} a second`);
  }
  // About 200 in 10 s: on the edge between 10 s and 30 s.
  const { comparison, go } = after(600, { CA: 20 });
  const spans: number[] = [];
  go(1800, { CA: 20 }, () => spans.push(comparison.shares(WORDS, all).now.seconds));
  const changes = spans.filter((span, i) => i > 0 && span !== spans[i - 1]).length;
  assert.ok(changes <= 6, `${changes} changes`);
});

test("seconds in which the source was not heard are not counted", () => {
  const comparison = new Comparison();
  for (let second = 1; second <= 10; second++) comparison.push(second, second % 2, { CA: 100 });
  assert.deepEqual(comparison.shares(WORDS, all).now, { seconds: 5, n: 1000 });
});

test("a map is for states only: most must have the code of one, and there must be some", () => {
  const places = (means: Readonly<Record<string, number>>) =>
    after(100, means).comparison.shares(WORDS, all).places;
  assert.equal(places(STATES), "us-states");
  assert.equal(places({ ...STATES, en: 1, de: 1 }), "us-states");
  assert.equal(places({ ...STATES, en: 20 }), null, "most are none");
  assert.equal(places({ CA: 5, NY: 5, TX: 5, FL: 5 }), null, "four are too few");
  assert.equal(places({ enwiki: 5, dewiki: 3 }), null);
});

test("of a thousand categories so many are told as are wanted, those kept besides, and the rest in sum", () => {
  const comparison = new Comparison();
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, 1 + (i % 7)]));
  for (let second = 0; second < 200; second++) comparison.push(second, 1, { ...many, OR: 1 });
  const shares = comparison.shares(WORDS, { max: 64, isKept: (key) => key === "OR" });
  assert.equal(shares.categories.length, 65);
  assert.equal(shares.others.categories, 1001 - 65);
  const told = (of: (one: ComparedShare) => number) =>
    shares.categories.reduce((sum, one) => sum + of(one), 0);
  assert.ok(Math.abs(told((one) => one.now) + shares.others.now - 1) < 1e-9);
  assert.ok(Math.abs(told((one) => one.usual!) + shares.others.usual! - 1) < 1e-9);
});

test("a name is plain text on one line, whatever the key; the key is as it came", () => {
  const comparison = new Comparison();
  const keys = ["</script><b>", "\u202eevil", "a\nb", "__proto__", "", "x".repeat(256)];
  comparison.push(1, 1, Object.fromEntries(keys.map((key) => [key, 1])));
  const { categories } = comparison.shares(PLAIN_WORDS, all);
  assert.deepEqual(new Set(categories.map(({ key }) => key)), new Set(keys));
  for (const { name } of categories) assert.doesNotMatch(name, /[\n\u202e]|^$/);
});

test("shares are between nought and one, sum to one, and no number is odd, whatever comes", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          gap: fc.integer({ min: 1, max: 2000 }),
          seconds: fc.nat(4000),
          byKey: fc.dictionary(fc.constantFrom("CA", "NY", "TX", "FL", "WA", "OR", "x"), fc.nat(1000)),
        }),
        { minLength: 1, maxLength: 50 },
      ),
      (counts) => {
        const comparison = new Comparison();
        let second = 0;
        for (const { gap, seconds, byKey } of counts) {
          second += gap;
          comparison.push(second, seconds, byKey);
        }
        const { categories, now } = comparison.shares(WORDS, all);
        const sum = categories.reduce((whole, one) => whole + one.now, 0);
        assert.ok(now.n === 0 ? sum === 0 : Math.abs(sum - 1) < 1e-9);
        for (const one of categories) {
          assert.ok([one.now, one.usual ?? 0].every((share) => share >= 0 && share <= 1));
          assert.ok(Number.isFinite(one.surplus));
          if (one.standing !== "usual") assert.ok(Math.abs(one.surplus) >= 4);
        }
      },
    ),
  ));

test("what an episode had is not what is usual: after it none of its categories is called fallen", () => {
  const comparison = new Comparison();
  const random = new Random("episode");
  let second = 1_000_000;
  const go = (length: number, of: Readonly<Record<string, number>>, unusualSince?: number) => {
    for (let i = 0; i < length; i++) {
      const counts = Object.entries(of).map(([key, mean]) => [key, poisson(mean, random)] as const);
      comparison.push(++second, 1, Object.fromEntries(counts), { unusualSince });
    }
  };
  go(120, STATES);
  const since = (second + 1) * 1000;
  go(3, { ...STATES, TX: 7 });
  go(60, { ...STATES, TX: 7 }, since);
  assert.deepEqual(standing(comparison.shares(WORDS, all)), ["TX surging"]);
  go(120, STATES);
  const after = comparison.shares(WORDS, all);
  assert.deepEqual(standing(after), []);
  const usual = 2 / Object.values(STATES).reduce((sum, mean) => sum + mean, 0);
  assert.ok(
    Math.abs(named(after, "TX").usual! - usual) < 0.04,
    `${named(after, "TX").usual} is about ${usual}`,
  );
});
