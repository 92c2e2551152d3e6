import assert from "node:assert/strict";
import { test } from "node:test";
import { overlap } from "../../src/sources/overlap.ts";

const message = (text: string) => Buffer.from(text);

test("outside an overlap exact repeats pass", () => {
  const known = overlap();
  known.sent(message("a"), 1);
  assert.equal(known.isRepeat(message("a"), 0), false);
});

test("inside one, a message is a repeat as often as it was sent, and no more", () => {
  const known = overlap();
  for (const text of ["a", "a", "b"]) known.sent(message(text), 1);
  known.begin(0, 0);
  assert.deepEqual(
    ["a", "c", "a", "a", "b", "b"].map((text) => known.isRepeat(message(text), 1)),
    [true, false, true, false, true, false],
  );
});

test("what was sent before the point asked for cannot come again and is no candidate", () => {
  const known = overlap();
  known.sent(message("old"), 1);
  known.sent(message("new"), 5);
  known.begin(5, 0);
  assert.deepEqual([known.isRepeat(message("old"), 0), known.isRepeat(message("new"), 0)], [false, true]);
});

test("an overlap ends after a minute", () => {
  const known = overlap();
  known.sent(message("a"), 1);
  known.begin(0, 0);
  assert.equal(known.isRepeat(message("a"), 60_001), false);
});

test("what is remembered grows to half a million messages, and then the oldest go", () => {
  const known = overlap();
  for (let i = 0; i < 500_010; i++) known.sent(message(String(i)), i);
  known.begin(0, 0);
  assert.deepEqual(
    [9, 10, 1024, 500_009].map((i) => known.isRepeat(message(String(i)), 0)),
    [false, true, true, true],
  );
});
