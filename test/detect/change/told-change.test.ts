import assert from "node:assert/strict";
import { test } from "node:test";
import { RATE_MODEL } from "../../../src/detect/change/model.ts";
import { NEW_NORMAL_MS, ToldChange } from "../../../src/detect/change/told-change.ts";
import { saved } from "../changes.ts";

const USUAL = { model: RATE_MODEL, parameters: Float64Array.of(10), dispersion: 1 };
const MEMORY = 1e12;

function told(): ToldChange {
  const change = new ToldChange({ begun: 1000, level: 11, reached: 13 }, MEMORY);
  change.join([{ channel: 0, factor: 3 }]);
  return change;
}
const sample = (
  count: number,
  { s = 0, seconds = 1, exposure = seconds }: { s?: number; seconds?: number; exposure?: number } = {},
) => ({
  counts: Float64Array.of(count),
  channels: 1,
  exposure,
  seconds,
  start: s * 1000,
});

test("a level that lasts is the usual one after 15 min, learnt from all that came in them", () => {
  const change = told();
  for (let s = 1; s < 900; s++) assert.equal(change.push(sample(30, { s }), USUAL, 20), "lasting");
  assert.equal(change.push(sample(30, { s: 900 }), USUAL, 20), "new-normal");
  change.counts.settle();
  assert.equal(Math.round(change.counts.count(0)), 27_000);
  assert.equal(Math.round(change.counts.seconds), NEW_NORMAL_MS / 1000);
});

test("time in which the source was not heard is no part of the 15 min", () => {
  const change = told();
  change.push(sample(30, { s: 1 }), USUAL, 20);
  assert.equal(change.push(sample(30, { s: 5000 }), USUAL, 20), "lasting");
});

test("where nothing was counted, no level is known to be the usual one", () => {
  const change = told();
  for (let s = 0; s < 2000; s++) {
    assert.equal(change.push(sample(0, { s, exposure: 0 }), USUAL, 20), "lasting");
  }
  for (let s = 0; s < 840; s++) assert.equal(change.push(sample(30, { s }), USUAL, 20), "lasting");
  assert.equal(change.push(sample(30, { s: 840 }), USUAL, 20), "new-normal");
});

test("an event now and then is enough to know the new level by", () => {
  const change = told();
  const exposure = (s: number) => (s % 50 === 0 ? 1 : 0);
  for (let s = 1; s < 900; s++) {
    assert.equal(change.push(sample(30 * exposure(s), { s, exposure: exposure(s) }), USUAL, 20), "lasting");
  }
  assert.equal(change.push(sample(30, { s: 900, exposure: 1 }), USUAL, 20), "new-normal");
});

test("one record of an hour at the changed level makes it the usual one", () => {
  assert.equal(told().push(sample(108_000, { seconds: 3600 }), USUAL, 20), "new-normal");
});

test("what is back has returned, and since when and how high it went is known", () => {
  const change = told();
  for (let s = 2; s < 100; s++) change.push(sample(30, { s }), USUAL, s === 50 ? 99 : 20);
  let how = "lasting";
  let s = 100;
  for (; how === "lasting"; s++) how = change.push(sample(10, { s }), USUAL, 5);
  assert.equal(how, "returned");
  assert.ok(s < 120);
  assert.equal(change.overSince, 100_000);
  assert.deepEqual(change.episode, { peak: 99, level: 11, seconds: 99 });
});

test("an episode is never shorter than nothing, whatever the times say", () => {
  const change = new ToldChange({ begun: 1e9, level: 11, reached: 13 }, MEMORY);
  change.join([{ channel: 0, factor: 3 }]);
  for (let s = 0; s < 60; s++) change.push(sample(10, { s }), USUAL, 5);
  assert.equal(change.episode.seconds, 0);
});

test("a restored change goes on alike, wherever it was cut", () => {
  for (const cut of [0, 1, 450, 899]) {
    const whole = told();
    let parted = told();
    for (let s = 1; s <= 900; s++) {
      if (s === cut + 1) parted = ToldChange.restore(saved(parted.snapshot()), MEMORY);
      assert.equal(parted.push(sample(29, { s }), USUAL, s), whole.push(sample(29, { s }), USUAL, s));
    }
    assert.deepEqual(saved(parted.snapshot()), saved(whole.snapshot()));
    assert.deepEqual([...parted.channels], [0]);
  }
});

test("a damaged snapshot is refused", () => {
  for (const bad of [null, {}, { ...told().snapshot(), peak: null }]) {
    assert.throws(() => ToldChange.restore(bad, MEMORY), { kind: "badInput" });
  }
});
