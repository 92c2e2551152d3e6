import assert from "node:assert/strict";
import { test } from "node:test";
import { WarmUp } from "../../../src/detect/change/warm-up.ts";
import { saved } from "../changes.ts";

const sample = (counts: readonly number[], seconds = 1) => ({
  counts: Float64Array.from(counts),
  channels: counts.length,
  exposure: seconds,
  seconds,
  start: 0,
});
function heard(warmUp: WarmUp, length: number, counts: readonly number[] = [2]): WarmUp {
  for (let i = 0; i < length; i++) warmUp.push(sample(counts));
  return warmUp;
}

test("it is over after a minute and as many events as are needed, whichever comes last", () => {
  assert.equal(heard(new WarmUp(100), 59).isOver, false);
  assert.equal(heard(new WarmUp(100), 60).isOver, true);
  assert.equal(heard(new WarmUp(130), 64).isOver, false);
  assert.equal(heard(new WarmUp(130), 65).isOver, true);
  assert.equal(new WarmUp(0).isOver, false);
});

test("events of all channels count, and no number beyond them", () => {
  assert.equal(heard(new WarmUp(180), 60, [1, 0, 2]).isOver, true);
  const narrow = new WarmUp(100);
  for (let i = 0; i < 60; i++) narrow.push({ ...sample([1, 50]), channels: 1 });
  assert.equal(narrow.isOver, false);
});

test("one record of an hour is enough where it has the events", () => {
  const warmUp = new WarmUp(100);
  warmUp.push(sample([100], 3600));
  assert.equal(warmUp.isOver, true);
});

test("a change is looked for from the tenth second on, for a quarter of an hour", () => {
  const warmUp = new WarmUp(1e6);
  assert.equal(heard(warmUp, 9).isRehearsing, false);
  assert.equal(heard(warmUp, 1).isRehearsing, true);
  assert.equal(heard(warmUp, 889).isRehearsing, true);
  assert.equal(heard(warmUp, 1).isRehearsing, false);
});

test("where something changed it begins anew, but the quarter of an hour does not", () => {
  const warmUp = heard(new WarmUp(100), 55);
  warmUp.beginAnew();
  assert.equal(warmUp.isRehearsing, false);
  assert.equal(heard(warmUp, 59).isOver, false);
  assert.equal(heard(warmUp, 1).isOver, true);
  const long = heard(new WarmUp(1e6), 900);
  long.beginAnew();
  assert.equal(heard(long, 20).isRehearsing, false);
});

test("a restored warm-up goes on alike; a damaged one is refused", () => {
  const again = new WarmUp(100);
  again.restore(saved(heard(new WarmUp(100), 59).snapshot()));
  assert.deepEqual(again.snapshot(), heard(new WarmUp(100), 59).snapshot());
  assert.equal(heard(again, 1).isOver, true);
  assert.throws(() => new WarmUp(1).restore({ heard: 1, events: 1, tried: 1, isOver: 1 }), {
    kind: "badInput",
  });
});
