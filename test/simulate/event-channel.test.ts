import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eventId, numberIn } from "../../src/simulate/event-channel.ts";

test("an id names a message of the stream that began then, and of no other", () =>
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (start, number) => {
      assert.equal(numberIn(eventId({ start, number }), start), number);
      assert.equal(numberIn(eventId({ start, number }), start + 1), undefined);
    }),
  ));

test("whatever else comes is no id", () => {
  for (const id of [
    "",
    "7",
    "x",
    "[]",
    "{}",
    "null",
    "[null]",
    '[{"offset":"1","start":0}]',
    '[{"offset":1.5,"start":0}]',
  ]) {
    assert.equal(numberIn(id, 0), undefined, id);
  }
});
