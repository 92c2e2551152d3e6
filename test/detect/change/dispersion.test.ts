import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Dispersion } from "../../../src/detect/change/dispersion.ts";
import { Random } from "../../../src/simulate/random.ts";
import { notFinite, saved } from "../changes.ts";
import { TRAFFIC, type TrafficName } from "../worlds.ts";

const RATE = 10;
const EXPECTED = { parameters: Float64Array.of(RATE), variance: RATE };

/** What an hour of such traffic teaches. */
function learnt(name: TrafficName, seconds = 3600): Dispersion {
  const random = new Random("dispersion", name);
  const next = TRAFFIC[name](random);
  const dispersion = new Dispersion();
  for (let s = 0; s < seconds; s++) dispersion.push(Float64Array.of(next(s, RATE)), 1, 1, EXPECTED);
  dispersion.settle();
  return dispersion;
}

test("before anything is known counts are taken to vary three times as much as chance has it", () => {
  const dispersion = new Dispersion();
  for (const seconds of [0, 1, 8, 64, 1e9, Number.POSITIVE_INFINITY])
    assert.equal(dispersion.over(seconds), 3);
  dispersion.settle();
  assert.equal(dispersion.over(64), 3);
});

test("independent events have an index of 1 over any time", () => {
  const dispersion = learnt("Poisson");
  for (const seconds of [0, 1, 8]) {
    const index = dispersion.over(seconds);
    assert.ok(index >= 1 && index < 1.3, `${index} over ${seconds} s`);
  }
  assert.ok(dispersion.over(64) < 2);
});

test("three times the variance is an index of about 3", () => {
  const index = learnt("dispersion 3").over(1);
  assert.ok(index > 2.4 && index < 3.6, `${index}`);
});

test("bursts of ten seconds are seen in blocks as long as they are, not in single seconds alone", () => {
  const dispersion = learnt("bursts of 10 s");
  assert.ok(dispersion.over(1) < dispersion.over(8) * 0.75, `${dispersion.over(1)}, ${dispersion.over(8)}`);
  assert.ok(dispersion.over(8) > 2);
});

test("the index never falls with time, and is never below 1", () => {
  const constant = new Dispersion();
  for (let s = 0; s < 3600; s++) constant.push(Float64Array.of(RATE), 1, 1, EXPECTED);
  constant.settle();
  for (const dispersion of [constant, learnt("surges of 10 s"), learnt("batches alone", 600)]) {
    const indices = [0, 1, 2, 8, 32, 64, 1000].map((seconds) => dispersion.over(seconds));
    indices.forEach((index, i) => void assert.ok(index >= Math.max(1, indices[i - 1] ?? 1)));
  }
  assert.ok(constant.over(1) < 1.02);
});

test("what was measured holds from the next settling on", () => {
  const dispersion = new Dispersion();
  for (let s = 0; s < 600; s++) dispersion.push(Float64Array.of(RATE), 1, 1, EXPECTED);
  assert.equal(dispersion.over(1), 3);
  dispersion.settle();
  assert.ok(dispersion.over(1) < 1.1);
});

test("a single event counts for what it is, however seldom events come", () => {
  const dispersion = new Dispersion();
  const seldom = { parameters: Float64Array.of(1e-4), variance: 1e-4 };
  for (let s = 0; s < 600; s++) dispersion.push(Float64Array.of(s === 300 ? 1 : 0), 1, 1, seldom);
  dispersion.settle();
  // One event where 0.06 were expected.
  const index = dispersion.over(1);
  assert.ok(index > 10 && index < 20, `${index}`);
});

test("one second, however full, does not spoil what many others teach", () => {
  const dispersion = new Dispersion();
  for (let s = 0; s < 1200; s++) {
    dispersion.push(Float64Array.of(s === 600 ? Number.MAX_SAFE_INTEGER : RATE), 1, 1, EXPECTED);
  }
  dispersion.settle();
  assert.ok(dispersion.over(0) < 1.5, `${dispersion.over(0)}`);
});

test("what is being gathered and is dropped teaches nothing; nor does a channel that is cleared", () => {
  const [plain, dropped, cleared] = [new Dispersion(), new Dispersion(), new Dispersion()];
  const expected = { parameters: Float64Array.of(0, 0), variance: 1 };
  for (const dispersion of [plain, dropped, cleared])
    dispersion.push(Float64Array.of(0, 9), 0.5, 0.5, expected);
  dropped.drop();
  cleared.clear(1);
  cleared.clear(5);
  for (const dispersion of [dropped, cleared]) dispersion.push(Float64Array.of(0, 0), 0.5, 0.5, expected);
  plain.push(Float64Array.of(0, 0), 0.5, 0.5, expected);
  for (const dispersion of [plain, dropped, cleared]) dispersion.settle();
  assert.ok(plain.over(1) > dropped.over(1) && plain.over(1) > cleared.over(1));
});

test("time without exposure teaches nothing", () => {
  const dispersion = learnt("Poisson", 960);
  const before = dispersion.over(64);
  for (let s = 0; s < 3600; s++) dispersion.push(Float64Array.of(0), 0, 1, EXPECTED);
  dispersion.settle();
  assert.equal(dispersion.over(64), before);
});

test("any counts give indices that are finite and at least 1, and a restored one goes on alike", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          counts: fc.array(
            fc.oneof(
              fc.nat(20),
              fc.constant(Number.MAX_SAFE_INTEGER),
              fc.double({ min: 0, max: 9, noNaN: true }),
            ),
            {
              maxLength: 6,
            },
          ),
          exposure: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e6, noNaN: true })),
          seconds: fc.oneof(fc.constant(1), fc.double({ min: 0.001, max: 1e7, noNaN: true })),
        }),
        { maxLength: 40 },
      ),
      fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
      fc.nat(40),
      (list, variance, cut) => {
        const expectation = { parameters: Float64Array.of(0.1, 0.2, 3), variance };
        const whole = new Dispersion();
        let parted = new Dispersion();
        list.forEach(({ counts, exposure, seconds }, i) => {
          if (i === cut) {
            const state = saved(parted.snapshot());
            parted = new Dispersion();
            parted.restore(state);
          }
          for (const each of [whole, parted]) {
            each.push(Float64Array.from(counts), exposure, seconds, expectation);
            if (i % 3 === 0) each.settle();
          }
          const index = whole.over(seconds);
          assert.ok(index >= 1 && Number.isFinite(index));
        });
        assert.deepEqual(notFinite(whole.snapshot()), []);
        assert.deepEqual(saved(parted.snapshot()), saved(whole.snapshot()));
      },
    ),
    { numRuns: 60 },
  ));

test("a damaged snapshot is refused", () => {
  for (const bad of [null, {}, { indices: [1, 1, 1, 1], blocks: [] }]) {
    assert.throws(() => new Dispersion().restore(bad), { kind: "badInput" });
  }
});
