import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Hour, type HourSecond } from "../../src/api/hour.ts";

const second = (number: number): HourSecond => ({
  second: number,
  rate: number / 2,
  usual: null,
  entropy: number,
});

test("before anything came there is nothing, and no newest", () => {
  const hour = new Hour();
  assert.equal(hour.newest, Number.NEGATIVE_INFINITY);
  assert.deepEqual(hour.columns(), { seconds: [], rate: [], usual: [], entropy: [] });
});

test("after ten thousand seconds the last hour is there, second by second, and no more", () => {
  const hour = new Hour();
  for (let number = 1; number <= 10_000; number++) hour.push(second(number));
  const { seconds, rate, usual, entropy } = hour.columns();
  assert.equal(hour.newest, 10_000);
  assert.deepEqual(
    seconds,
    Array.from({ length: 3600 }, (_, i) => 6402 + i),
  );
  assert.deepEqual([rate[0], rate.at(-1), entropy[0], entropy.at(-1)], [3200.5, 5000, 6401, 10_000]);
  assert.ok(usual.every((value) => value === null));
});

test("what is not known is null, and nought is nought", () => {
  const hour = new Hour();
  hour.push({ second: 1, rate: null, usual: 0, entropy: null });
  hour.push({ second: 2, rate: 0, usual: null, entropy: 0 });
  assert.deepEqual(hour.columns(), {
    seconds: [2, 3],
    rate: [null, 0],
    usual: [0, null],
    entropy: [null, 0],
  });
});

test("a second that is not later than the newest is left out", () => {
  const hour = new Hour();
  for (const number of [5, 5, 4, 6]) hour.push(second(number));
  assert.deepEqual(hour.columns().seconds, [6, 7]);
});

test("what a leap leaves more than an hour behind is no part of it", () => {
  const hour = new Hour();
  for (let number = 1; number <= 100; number++) hour.push(second(number));
  hour.push(second(3650));
  assert.deepEqual(hour.columns().seconds, [...Array.from({ length: 50 }, (_, i) => 52 + i), 3651]);
  hour.push(second(1_000_000));
  assert.deepEqual(hour.columns().seconds, [1_000_001]);
});

test("the columns are of one length and ascend within an hour, wherever time leaps", () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(3), fc.integer({ min: -50, max: 5000 })), { maxLength: 300 }),
      (steps) => {
        const hour = new Hour();
        let [now, newest] = [1_000_000, Number.NEGATIVE_INFINITY];
        const kept = new Set<number>();
        for (const step of steps) {
          now += step;
          hour.push(second(now));
          if (now > newest) kept.add(now);
          newest = Math.max(newest, now);
        }
        const { seconds, rate, usual, entropy } = hour.columns();
        assert.deepEqual(
          seconds,
          [...kept].filter((one) => one > newest - 3600).map((one) => one + 1),
        );
        assert.deepEqual([rate.length, usual.length, entropy.length], Array(3).fill(seconds.length));
      },
    ),
  ));
