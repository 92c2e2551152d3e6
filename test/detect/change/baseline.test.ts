import assert from "node:assert/strict";
import { test } from "node:test";
import { Baseline } from "../../../src/detect/change/baseline.ts";
import { CusumBank } from "../../../src/detect/change/cusum-bank.ts";
import { LateCounts } from "../../../src/detect/change/late-counts.ts";
import { type CountModel, RATE_MODEL, SHARE_MODEL } from "../../../src/detect/change/model.ts";
import { notFinite, saved } from "../changes.ts";

const sample = (counts: readonly number[], exposure: number, seconds = 1) => ({
  counts: Float64Array.from(counts),
  channels: counts.length,
  exposure,
  seconds,
  start: 0,
});

/** A baseline that has heard so many seconds of these counts before anything was judged. */
function warm(model: CountModel, counts: readonly number[], seconds = 300) {
  const baseline = new Baseline(model);
  const bank = new CusumBank(model.ratios);
  const exposure = model === RATE_MODEL ? 1 : counts.reduce((sum, count) => sum + count, 0);
  for (let s = 0; s < seconds; s++) {
    baseline.warmUp(sample(counts, exposure));
    baseline.admit(counts.length, bank);
    baseline.set(bank);
  }
  return { baseline, bank };
}
/** Where the tests stand after one more second, from rest. */
function step(bank: CusumBank, counts: readonly number[], exposure: number): number {
  bank.restart();
  bank.push(Float64Array.from(counts), exposure, { most: 1e9, start: 0 });
  return bank.leader.sum;
}

test("the usual rate is the mean one, the usual shares are each category's part", () => {
  const rates = warm(RATE_MODEL, [10]).baseline;
  assert.ok(Math.abs(rates.parameters[0]! - 10) < 0.01);
  assert.equal(rates.pace, 1);
  const shares = warm(SHARE_MODEL, [6, 3, 1]).baseline;
  [0.6, 0.3, 0.1].forEach((share, i) => void assert.ok(Math.abs(shares.parameters[i]! - share) < 0.001));
  assert.ok(Math.abs(shares.pace - 10) < 1e-9);
});

test("what is as usual moves no test, what is not moves one up", () => {
  const { bank } = warm(RATE_MODEL, [10]);
  assert.equal(step(bank, [10], 1), 0);
  assert.ok(step(bank, [30], 1) > 0);
  assert.ok(step(bank, [0], 1) > 0);
});

test("the more counts vary, the less they prove", () => {
  const [calm, wild] = [warm(RATE_MODEL, [10]), warm(RATE_MODEL, [10])];
  for (let s = 0; s < 900; s++) {
    calm.baseline.learn(sample([10], 1), calm.bank);
    wild.baseline.learn(sample([s % 2 === 0 ? 20 : 0], 1), wild.bank);
  }
  assert.ok(wild.baseline.dispersionOver(1) > 5 * calm.baseline.dispersionOver(1));
  assert.ok(step(calm.bank, [40], 1) > 3 * step(wild.bank, [40], 1));
  assert.ok(wild.baseline.logChance(12) < calm.baseline.logChance(12));
});

test("chance is believed to do little only as long as three nats are asked for", () => {
  const { baseline } = warm(RATE_MODEL, [10]);
  assert.equal(baseline.logChance(1), 2);
  assert.ok(baseline.logChance(12) < 0);
  assert.equal(baseline.logChance(1000), baseline.logChance(12));
});

test("the less is known, the less is proved", () => {
  const [little, much] = [warm(RATE_MODEL, [1], 60), warm(RATE_MODEL, [1], 3600)];
  // Half a standard error of a rate known from a minute is 0.08, and three of that are taken off here.
  assert.ok(step(much.bank, [5], 1) > step(little.bank, [5], 1) + 0.04);
});

test("after the warm-up it learns 32 to 64 s late, and what was dropped not at all", () => {
  const { baseline, bank } = warm(RATE_MODEL, [10], 60);
  for (let s = 0; s < 63; s++) baseline.learn(sample([20], 1), bank);
  assert.ok(Math.abs(baseline.parameters[0]! - 10) < 0.02);
  baseline.drop();
  for (let s = 0; s < 63; s++) baseline.learn(sample([20], 1), bank);
  assert.ok(Math.abs(baseline.parameters[0]! - 10) < 0.02);
  baseline.learn(sample([20], 1), bank);
  assert.ok(baseline.parameters[0]! > 13);
});

test("other counts are what is usual from now on", () => {
  const { baseline, bank } = warm(RATE_MODEL, [10]);
  for (let s = 0; s < 300; s++) baseline.learn(sample([10], 1), bank);
  assert.ok(baseline.dispersionOver(0) < 2);
  const counts = new LateCounts(RATE_MODEL.memory);
  for (let s = 0; s < 900; s++) counts.push(Float64Array.of(30), 1, 1);
  baseline.replace(counts);
  baseline.set(bank);
  assert.ok(Math.abs(baseline.parameters[0]! - 30) < 0.01);
  assert.equal(baseline.dispersionOver(0), 3);
  assert.equal(step(bank, [30], 1), 0);
});

test("a category that comes later is all but unknown, and its first events are much", () => {
  const { baseline, bank } = warm(SHARE_MODEL, [6, 4]);
  baseline.admit(3, bank);
  assert.ok(baseline.parameters[2]! < 0.001);
  assert.ok(step(bank, [6, 4, 3], 13) > 3);
});

test("a channel that is another one's has the level that was there, cannot be said to fall, and its test is at rest", () => {
  const { baseline, bank } = warm(SHARE_MODEL, [6, 4]);
  bank.push(Float64Array.of(0, 10), 10, { most: 100, start: 0 });
  assert.ok(bank.of(1).sum > 0);
  const level = baseline.parameters[1]!;
  baseline.passOn(1, bank);
  assert.equal(bank.of(1).sum, 0);
  assert.equal(baseline.parameters[1], level);
  for (let i = 0; i < 100; i++) bank.push(Float64Array.of(6, 0), 10, { most: 100, start: 0 });
  assert.ok(bank.of(1).sum < 3, `${bank.of(1).sum}`);
});

for (const [name, model] of [
  ["rates", RATE_MODEL],
  ["shares", SHARE_MODEL],
] as const) {
  test(`${name}: what was learnt from nothing, or from next to nothing, is finite, and nothing more moves no test`, () => {
    for (const exposure of [0, 1e-9, 0.001]) {
      const baseline = new Baseline(model);
      const bank = new CusumBank(model.ratios);
      baseline.admit(2, bank);
      baseline.warmUp(sample([0, 0], model === RATE_MODEL ? 0.001 : exposure, 0.001));
      baseline.set(bank);
      assert.deepEqual(
        notFinite({ ...baseline.snapshot(), logChance: baseline.logChance(12), pace: baseline.pace }),
        [],
      );
      assert.equal(step(bank, [0, 0], 0), 0);
    }
  });

  test(`${name}: a restored baseline sets the same tests, and goes on alike`, () => {
    const first = warm(model, [6, 3, 1]);
    for (let s = 0; s < 500; s++) first.baseline.learn(sample([s % 7, 3, s % 2], 10), first.bank);
    const again = new Baseline(model);
    const bank = new CusumBank(model.ratios);
    again.restore(saved(first.baseline.snapshot()), 3, bank);
    for (let s = 0; s < 100; s++) {
      for (const each of [first, { baseline: again, bank }])
        each.baseline.learn(sample([4, s % 5, 2], 9), each.bank);
      assert.equal(step(bank, [1, 2, 9], 12), step(first.bank, [1, 2, 9], 12));
    }
    assert.deepEqual(saved(again.snapshot()), saved(first.baseline.snapshot()));
    assert.deepEqual([again.logChance(12), again.pace], [first.baseline.logChance(12), first.baseline.pace]);
  });
}

test("a thousand categories with the largest counts there may be stay finite", () => {
  const counts = new Array<number>(1000).fill(Number.MAX_SAFE_INTEGER);
  const { baseline, bank } = warm(SHARE_MODEL, counts, 3);
  for (let s = 0; s < 70; s++) baseline.learn(sample(counts, 1000 * Number.MAX_SAFE_INTEGER), bank);
  assert.deepEqual(notFinite(baseline.snapshot()), []);
  assert.ok(Number.isFinite(step(bank, counts, 1)));
});

test("a damaged snapshot is refused", () => {
  const bank = new CusumBank(RATE_MODEL.ratios);
  for (const bad of [null, {}, { counts: {}, dispersion: {} }]) {
    assert.throws(() => new Baseline(RATE_MODEL).restore(bad, 1, bank), { kind: "badInput" });
  }
});
