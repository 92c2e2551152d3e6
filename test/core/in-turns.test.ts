import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { inTurns } from "../../src/core/in-turns.ts";

test("results come in the items' order, and no more than so many are at work at a time", async () => {
  let [working, most] = [0, 0];
  const squares = await inTurns([5, 1, 4, 2, 3, 0], 3, async (item) => {
    most = Math.max(most, ++working);
    for (let i = 0; i < item; i++) await turn();
    working--;
    return item * item;
  });
  assert.deepEqual([squares, most], [[25, 1, 16, 4, 9, 0], 3]);
  assert.deepEqual(await inTurns([], 3, async () => 1), []);
  assert.deepEqual(await inTurns([7], 50, async (item) => item), [7]);
});

test("the first failure is thrown, and nothing is begun after it", async () => {
  const begun: number[] = [];
  const failing = inTurns([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item);
    await turn();
    if (item === 2) throw new Error("two");
  });
  await assert.rejects(failing, /two/);
  await turn();
  await turn();
  assert.deepEqual(begun, [1, 2, 3]);
});
