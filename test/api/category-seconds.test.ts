import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CategorySeconds } from "../../src/api/category-seconds.ts";

/** The sums of a window that was never anywhere else. */
function between(seconds: CategorySeconds, from: number, to: number) {
  const window = seconds.window();
  window.moveTo(from, to);
  return window.read();
}

test("nothing is nothing", () => {
  const seconds = new CategorySeconds();
  assert.deepEqual(between(seconds, 0, 100), { seconds: 0, n: 0, byKey: new Map() });
  assert.equal(seconds.countSince(0), 0);
});

test("categories may have the names of what every object has", () => {
  const seconds = new CategorySeconds();
  seconds.push(1, 1, JSON.parse('{"__proto__":2,"constructor":1,"":3,"CA":0}'));
  const names = ["__proto__", "constructor", ""];
  assert.deepEqual(
    [...between(seconds, 0, 1).byKey],
    names.map((name, i) => [name, [2, 1, 3][i]]),
  );
  assert.equal(between(seconds, 0, 1).n, 6);
});

test("an hour and a quarter is kept, and what lies before it goes", () => {
  const seconds = new CategorySeconds();
  for (let second = 1; second <= 20_000; second++) seconds.push(second, 1, { CA: 1 });
  const { n } = between(seconds, Number.NEGATIVE_INFINITY, 20_000);
  assert.ok(n >= 4500 && n < 5000, `${n}`);
  assert.equal(between(seconds, 20_000 - 4500, 20_000).n, 4500);
});

const count = fc.record({
  gap: fc.integer({ min: 1, max: 40 }),
  seconds: fc.nat(3),
  byKey: fc.dictionary(fc.constantFrom("CA", "NY", "__proto__", "toString"), fc.nat(5)),
});

test("any span has the sums of the seconds in it", () =>
  fc.assert(
    fc.property(fc.array(count, { maxLength: 40 }), fc.nat(600), fc.nat(600), (counts, a, b) => {
      const seconds = new CategorySeconds();
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const expected = { seconds: 0, n: 0, byKey: new Map<string, number>() };
      let now = 0;
      let since = 0;
      for (const { gap, seconds: connected, byKey } of counts) {
        now += gap;
        seconds.push(now, connected, byKey);
        const sum = Object.values(byKey).reduce((whole, one) => whole + one, 0);
        if (now > from) since += sum;
        if (now <= from || now > to) continue;
        expected.seconds += connected;
        expected.n += sum;
        for (const [key, value] of Object.entries(byKey)) {
          if (value > 0) expected.byKey.set(key, (expected.byKey.get(key) ?? 0) + value);
        }
      }
      assert.deepEqual(between(seconds, from, to), expected);
      assert.equal(seconds.countSince(from), since);
    }),
  ));

test("a window that moves about has the sums of one that was never anywhere else", () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ count, from: fc.nat(60), length: fc.nat(60) }), { maxLength: 60 }),
      (steps) => {
        const seconds = new CategorySeconds();
        const window = seconds.window();
        let now = 0;
        for (const { count: one, from, length } of steps) {
          now += one.gap;
          seconds.push(now, one.seconds, one.byKey);
          const to = now - from;
          window.moveTo(to - length, to);
          assert.deepEqual(window.read(), between(seconds, to - length, to));
        }
      },
    ),
  ));

test("a leap over all that is held leaves a window with what is left", () => {
  const seconds = new CategorySeconds();
  const window = seconds.window();
  for (let second = 1; second <= 1000; second++) {
    seconds.push(second, 1, { CA: 1 });
    window.moveTo(second - 900, second);
  }
  assert.equal(window.read().n, 900);
  seconds.push(1_000_000, 1, { NY: 2 });
  window.moveTo(1_000_000 - 900, 1_000_000);
  assert.deepEqual(window.read(), { seconds: 1, n: 2, byKey: new Map([["NY", 2]]) });
});
