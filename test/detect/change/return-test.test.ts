import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RATE_MODEL, SHARE_MODEL } from "../../../src/detect/change/model.ts";
import { ReturnTest } from "../../../src/detect/change/return-test.ts";
import { Random } from "../../../src/simulate/random.ts";
import { notFinite, saved } from "../changes.ts";
import { poisson } from "../worlds.ts";

const USUAL = { model: RATE_MODEL, parameters: Float64Array.of(10, 10), dispersion: 1 };
const second = (counts: readonly number[], s = 0) => ({
  counts: Float64Array.from(counts),
  channels: counts.length,
  exposure: 1,
  seconds: 1,
  start: s * 1000,
});

/** Seconds until a level that was `factor` times the usual is back, where events come at `rate`; at most an hour. */
function secondsUntilBack(factor: number, rate: number, seed = 1): number {
  const random = new Random("return", seed);
  const test = new ReturnTest();
  test.join([{ channel: 0, factor }]);
  for (let s = 1; s <= 3600; s++)
    if (test.push(second([poisson(rate, random)], s), USUAL) === "returned") return s;
  return Number.POSITIVE_INFINITY;
}

for (const factor of [0, 1 / 3, 0.59, 0.9, 1.1, 1.7, 3, 100]) {
  test(`what was ${Number(factor.toFixed(2))} times the usual is seen to be back within seconds, once it is`, () => {
    const seconds = secondsUntilBack(factor, 10);
    assert.ok(seconds >= 3 && seconds <= 60, `${seconds}`);
  });
}

test("what lasts is not back, nor is what is only a little nearer to the usual", () => {
  for (const [factor, rate] of [
    [3, 30],
    [3, 20],
    [1 / 3, 10 / 3],
    [1 / 3, 5],
    [0, 0],
    [0, 2],
  ] as const) {
    assert.equal(secondsUntilBack(factor, rate), Number.POSITIVE_INFINITY, `${factor}, ${rate}`);
  }
});

test("one second alone says nothing; three that are worth all they may do", () => {
  const usual = { ...USUAL, parameters: Float64Array.of(1000) };
  const test = new ReturnTest();
  test.join([{ channel: 0, factor: 0.1 }]);
  const back = [1, 2, 3].map((s) => test.push(second([1000], s), usual));
  assert.deepEqual(back, ["lasting", "lasting", "returned"]);
  assert.equal(test.since, 1000);
  const long = new ReturnTest();
  long.join([{ channel: 0, factor: 0.1 }]);
  assert.equal(long.push({ ...second([3000]), exposure: 3, seconds: 3 }, usual), "returned");
});

test("what comes back and goes on to the other side has turned, and its own end is looked for then", () => {
  const test = new ReturnTest();
  test.join([{ channel: 0, factor: 0.1 }]);
  let turns = 0;
  for (let s = 0; s < 10; s++) {
    if (test.push(second([50], s), USUAL) !== "turned") continue;
    turns++;
    assert.equal(test.since, 0);
  }
  assert.equal(turns, 1);
  for (let s = 10; s < 100; s++) assert.equal(test.push(second([50], s), USUAL), "lasting");
  let seconds = 0;
  while (test.push(second([10], 100 + seconds), USUAL) === "lasting") seconds++;
  assert.ok(seconds < 10);
});

test("it is over when all are back, and since the last of them is", () => {
  const both = new ReturnTest();
  both.join([
    { channel: 0, factor: 3 },
    { channel: 1, factor: 3 },
  ]);
  let back = "lasting";
  for (let s = 0; s < 20; s++) back = both.push(second([10, 30], s), USUAL);
  assert.equal(back, "lasting");
  for (let s = 20; s < 40 && back === "lasting"; s++) back = both.push(second([10, 10], s), USUAL);
  assert.equal(back, "returned");
  assert.equal(both.since, 20_000);
});

test("what has returned and goes again is not back any more", () => {
  const both = new ReturnTest();
  both.join([
    { channel: 0, factor: 3 },
    { channel: 1, factor: 3 },
  ]);
  for (let s = 0; s < 600; s++) both.push(second([10, 30], s), USUAL);
  for (let s = 0; s < 10; s++) both.push(second([30, 30], s), USUAL);
  for (let s = 0; s < 6; s++) assert.equal(both.push(second([30, 10], s), USUAL), "lasting");
});

test("a channel joins once", () => {
  const test = new ReturnTest();
  test.join([{ channel: 4, factor: 3 }]);
  test.join([
    { channel: 4, factor: 9 },
    { channel: 2, factor: 0.2 },
  ]);
  assert.deepEqual(test.channels, [4, 2]);
});

test("dispersed counts take longer", () => {
  const steps = (dispersion: number) => {
    const test = new ReturnTest();
    test.join([{ channel: 0, factor: 0.4 }]);
    for (let s = 1; s < 1000; s++)
      if (test.push(second([10], s), { ...USUAL, dispersion }) === "returned") return s;
    return 1000;
  };
  assert.ok(steps(30) > 5 * steps(3));
});

test("whatever comes, sums are finite, and a restored test goes on alike", () =>
  fc.assert(
    fc.property(
      fc.constantFrom(RATE_MODEL, SHARE_MODEL),
      fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.tuple(fc.oneof(fc.nat(30), fc.constant(Number.MAX_SAFE_INTEGER)), fc.nat(3600)), {
        maxLength: 40,
      }),
      fc.nat(40),
      (model, factors, list, cut) => {
        const usual = { model, parameters: new Float64Array(5).fill(0.3), dispersion: 2 };
        const joined = factors.map((factor, channel) => ({ channel, factor }));
        const whole = new ReturnTest();
        let parted = new ReturnTest();
        for (const each of [whole, parted]) each.join(joined);
        list.forEach(([count, seconds], i) => {
          if (i === cut) {
            const state = saved(parted.snapshot());
            parted = new ReturnTest();
            parted.restore(state);
          }
          const sample = { ...second([count], i), exposure: model === RATE_MODEL ? seconds : count, seconds };
          assert.equal(whole.push(sample, usual), parted.push(sample, usual));
          assert.deepEqual(notFinite(whole.snapshot()), []);
        });
        assert.deepEqual(parted.snapshot(), whole.snapshot());
      },
    ),
    { numRuns: 60 },
  ));

test("a level that is known better is what the end is measured from; not once something speaks for a return", () => {
  const secondsBack = (refined: boolean) => {
    const test = new ReturnTest();
    test.join([{ channel: 0, factor: 1.7 }]);
    test.push(second([80]), USUAL);
    if (refined) test.refine([{ channel: 0, factor: 8 }]);
    let seconds = 1;
    while (test.push(second([10], seconds), USUAL) === "lasting") {
      seconds++;
      test.refine([{ channel: 0, factor: 1.7 }]);
    }
    return seconds;
  };
  assert.ok(secondsBack(true) < secondsBack(false));
});
