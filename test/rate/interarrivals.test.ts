import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { interarrivals } from "../../src/rate/interarrivals.ts";
import { feed } from "../support/feed.ts";

const gapsOf = (times: readonly number[]) => {
  let firsts = 0;
  const gaps = feed(
    interarrivals(() => {
      firsts++;
    }),
    times.map((t) => ({ event: { t, at: t }, at: t + 5 })),
  );
  return { gaps, firsts };
};

test("gaps are never negative and add up to the time spanned", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(1e9)), (times) => {
      const ascending = times.sort((a, b) => a - b);
      const { gaps, firsts } = gapsOf(ascending);
      assert.equal(gaps.length + firsts, times.length);
      assert.ok(gaps.every(({ diff }) => diff >= 0));
      const sum = gaps.reduce((total, { diff }) => total + diff, 0);
      const spanned = times.length === 0 ? 0 : (ascending.at(-1)! - ascending[0]!) / 1000;
      assert.ok(Math.abs(sum - spanned) < 1e-6 * (1 + spanned));
    }),
  ));

test("a gap has the later event's time, the time of its release, and prints as the decimal it is", () => {
  assert.deepEqual(gapsOf([1489925470960, 1489925471668]).gaps, [
    { t: 1489925471668, at: 1489925471673, diff: 0.708 },
  ]);
  assert.equal(gapsOf([0, 0.001]).gaps[0]?.diff, 0.000001);
});
