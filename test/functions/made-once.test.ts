import assert from "node:assert/strict";
import { test } from "node:test";
import { madeOnce } from "../../src/functions/made-once.ts";

test("each name's is made once, also while it is being made; past the limit the first is forgotten", async () => {
  const made: string[] = [];
  const open = madeOnce(async (name) => `${name}${made.push(name)}`, { max: 2 });
  assert.deepEqual(await Promise.all([open("a"), open("a"), open("b")]), ["a1", "a1", "b2"]);
  assert.equal(await open("c"), "c3");
  assert.deepEqual([await open("b"), await open("a"), await open("c")], ["b2", "a4", "c3"]);
});

test("what could not be made is tried again", async () => {
  let tries = 0;
  const open = madeOnce(
    async () => {
      if (++tries === 1) throw new Error("not yet");
      return tries;
    },
    { max: 1 },
  );
  await assert.rejects(open("a"), /not yet/);
  assert.equal(await open("a"), 2);
});
