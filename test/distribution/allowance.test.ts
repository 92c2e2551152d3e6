import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Allowance } from "../../src/distribution/allowance.ts";

const DAY = 86_400_000;

test("a refill in small parts is a whole", () => {
  const allowance = new Allowance(10);
  for (let i = 0; i < 10; i++) assert.ok(allowance.take(0));
  let taken = 0;
  for (let second = 1; second <= 86_400; second++) if (allowance.take(second * 1000)) taken++;
  assert.equal(taken, 10);
});

test("from any moment on, no more than the budget and what refills is taken, whatever the times", () =>
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 50, noNaN: true }),
      fc.array(fc.integer({ min: 0, max: 5 * DAY }), { maxLength: 300 }),
      (perDay, times) => {
        const allowance = new Allowance(perDay);
        let now = 0;
        const taken: number[] = [];
        for (const time of times) {
          now = Math.max(now, time);
          if (allowance.take(time)) taken.push(now);
        }
        taken.forEach((from, i) => {
          taken.slice(i).forEach((to, more) => {
            assert.ok(more + 1 <= Math.max(1, perDay) + (perDay * (to - from)) / DAY + 1e-6);
          });
        });
      },
    ),
  ));
