import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LateCounts } from "../../../src/detect/change/late-counts.ts";
import { notFinite, saved } from "../changes.ts";

const one = Float64Array.of(1);

/** A second each with one event. */
function seconds(counts: LateCounts, length: number): boolean[] {
  return Array.from({ length }, () => counts.push(one, 1, 1));
}

test("nothing was counted in the beginning", () => {
  const counts = new LateCounts(900);
  assert.deepEqual([counts.count(0), counts.exposure, counts.seconds], [0, 0, 0]);
  counts.settle();
  counts.drop();
  assert.deepEqual([counts.count(7), counts.exposure, counts.seconds], [0, 0, 0]);
});

test("what came is learnt 32 to 64 s late", () => {
  const counts = new LateCounts(1e12);
  seconds(counts, 63);
  assert.equal(counts.count(0), 0);
  seconds(counts, 1);
  assert.equal(Math.round(counts.count(0)), 32);
  seconds(counts, 31);
  assert.equal(Math.round(counts.count(0)), 32);
  assert.deepEqual(seconds(counts, 1), [true]);
  assert.equal(Math.round(counts.count(0)), 64);
});

test("it says when what is usual has changed: each 32 s", () => {
  const said = seconds(new LateCounts(900), 128);
  assert.deepEqual(
    said.flatMap((changed, i) => (changed ? [i + 1] : [])),
    [32, 64, 96, 128],
  );
});

test("what was dropped is never learnt, what was settled is learnt at once", () => {
  const dropped = new LateCounts(900);
  seconds(dropped, 63);
  dropped.drop();
  seconds(dropped, 63);
  assert.equal(dropped.count(0), 0);
  const settled = new LateCounts(1e12);
  seconds(settled, 40);
  settled.settle();
  assert.deepEqual([Math.round(settled.count(0)), Math.round(settled.exposure)], [40, 40]);
  settled.settle();
  assert.equal(Math.round(settled.count(0)), 40);
});

test("what is old weighs exp(-age / memory)", () => {
  const counts = new LateCounts(320);
  counts.push(Float64Array.of(100), 32, 32);
  counts.settle();
  for (let i = 0; i < 10; i++) counts.push(Float64Array.of(0, 3), 32, 32);
  counts.settle();
  assert.ok(Math.abs(counts.count(0) - 100 * Math.exp(-1)) < 1e-9);
  const heard = Array.from({ length: 11 }, (_, age) => 32 * Math.exp(-age / 10)).reduce(
    (sum, each) => sum + each,
    0,
  );
  assert.ok(Math.abs(counts.exposure - heard) < 1e-9 && Math.abs(counts.seconds - heard) < 1e-9);
});

test("time in which nothing could be counted makes nothing older", () => {
  const counts = new LateCounts(900);
  counts.push(Float64Array.of(5), 10, 32);
  counts.settle();
  for (let i = 0; i < 640; i++) counts.push(Float64Array.of(0), 0, 3200);
  counts.settle();
  assert.deepEqual([counts.count(0), counts.exposure, counts.seconds], [5, 10, 32]);
});

test("a channel that is passed on keeps what it has, as borrowed; what it counts from then on is its own", () => {
  const counts = new LateCounts(1e12);
  for (let i = 0; i < 100; i++) counts.push(Float64Array.of(1, 2), 3, 1);
  counts.settle();
  counts.passOn(0);
  assert.deepEqual([counts.count(0), counts.own(0), counts.own(1)].map(Math.round), [100, 0, 200]);
  counts.push(Float64Array.of(7, 0), 7, 1);
  assert.deepEqual([counts.gathered(0), counts.count(0)].map(Math.round), [107, 100]);
  counts.settle();
  assert.deepEqual([counts.count(0), counts.own(0), counts.own(1)].map(Math.round), [107, 7, 200]);
});

test("without forgetting, everything is in what is usual or in what waits, in no order of sizes", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          counts: fc.array(fc.nat(1e6), { maxLength: 20 }),
          exposure: fc.nat(1000),
          seconds: fc.integer({ min: 1, max: 4000 }),
        }),
        { maxLength: 60 },
      ),
      (list) => {
        const late = new LateCounts(Number.MAX_VALUE);
        for (const { counts, exposure, seconds } of list) {
          late.push(Float64Array.from(counts), exposure + 1, seconds);
        }
        const again = new LateCounts(Number.MAX_VALUE);
        again.restore(saved(late.snapshot()));
        for (const each of [late, again]) {
          each.settle();
          assert.deepEqual(notFinite(each.snapshot()), []);
          assert.equal(
            each.exposure,
            list.reduce((sum, { exposure }) => sum + exposure + 1, 0),
          );
          for (let channel = 0; channel < 20; channel++) {
            const truth = list.reduce((sum, { counts }) => sum + (counts[channel] ?? 0), 0);
            assert.equal(each.count(channel), truth);
          }
        }
      },
    ),
    { numRuns: 50 },
  ));

test("a damaged snapshot is refused", () => {
  for (const bad of [null, {}, { usual: {}, waiting: {}, open: {} }]) {
    assert.throws(() => new LateCounts(900).restore(bad), { kind: "badInput" });
  }
});
