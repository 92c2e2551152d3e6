import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, overlap } from "../../src/sources/overlap.ts";

const hash = (text: string) => hashOf(Buffer.from(text));

test("outside an overlap exact repeats pass", () => {
  const known = overlap();
  known.sent(hash("a"), 1);
  assert.equal(known.isRepeat(hash("a"), 0), false);
});

test("inside one, a message is a repeat as often as it was sent, and no more", () => {
  const known = overlap();
  for (const text of ["a", "a", "b"]) known.sent(hash(text), 1);
  known.begin(0, 0);
  assert.deepEqual(
    ["a", "c", "a", "a", "b", "b"].map((text) => known.isRepeat(hash(text), 1)),
    [true, false, true, false, true, false],
  );
});

test("what was sent before the point asked for cannot come again and is no candidate", () => {
  const known = overlap();
  known.sent(hash("old"), 1);
  known.sent(hash("new"), 5);
  known.begin(5, 0);
  assert.deepEqual([known.isRepeat(hash("old"), 0), known.isRepeat(hash("new"), 0)], [false, true]);
});

test("an overlap ends after half a minute", () => {
  const known = overlap();
  known.sent(hash("a"), 1);
  known.begin(0, 0);
  assert.equal(known.isRepeat(hash("a"), 30_001), false);
});
