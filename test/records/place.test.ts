import assert from "node:assert/strict";
import { test } from "node:test";
import { Places } from "../../src/records/place.ts";

test("a cut lies before the event that was the first later one, and names the place of the event before it", () => {
  const places = new Places();
  places.pass(100, '"a"');
  assert.equal(places.last, undefined, "nothing came before the first");
  places.pass(100, '"b"');
  places.pass(90, '"c"');
  assert.equal(places.last, undefined, "no later time, no cut");
  places.pass(101, '"d"');
  assert.deepEqual(places.last, { cursor: '"c"', passed: 100 });
  places.pass(100, '"e"');
  assert.deepEqual(places.last, { cursor: '"c"', passed: 100 });
  places.pass(200, '"f"');
  assert.deepEqual(places.last, { cursor: '"e"', passed: 101 });
  assert.equal(places.greatest, 200);
});

test("an event without a place is passed, and the place before it is good for it", () => {
  const places = new Places();
  places.pass(1, "7");
  places.pass(2, undefined);
  places.pass(3, undefined);
  assert.deepEqual(places.last, { cursor: "7", passed: 2 });
});

test("who goes on behind a place begins with what had passed there", () => {
  const places = new Places(100);
  places.pass(90, "1");
  places.pass(100, "2");
  assert.equal(places.last, undefined);
  places.pass(110, "3");
  assert.deepEqual(places.last, { cursor: "2", passed: 100 });
});
