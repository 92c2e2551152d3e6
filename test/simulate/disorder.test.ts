import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mtimes } from "../../src/simulate/disorder.ts";
import { Random } from "../../src/simulate/random.ts";

function mtimesAt(seed: string, rate: number, count: number): number[] {
  const mtimeOf = mtimes(new Random(seed), "measured");
  return Array.from({ length: count }, (_, i) => mtimeOf(1e12 + (i * 1000) / rate));
}

/** Share of messages that are more than each of these spans (ms) behind the running maximum. */
function behind(times: readonly number[], spans: readonly number[]): number[] {
  let greatest = Number.NEGATIVE_INFINITY;
  const delays = times.map((time) => {
    greatest = Math.max(greatest, time);
    return greatest - time;
  });
  return spans.map((span) => delays.filter((delay) => delay > span).length / times.length);
}

test("disorder is as measured, at any rate and seed", () =>
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(0.1, 1, 10, 400), (seed, rate) => {
      const times = mtimesAt(seed, rate, 40_000);
      const inverted = times.filter((time, i) => i > 0 && time < times[i - 1]!).length / times.length;
      assert.ok(Math.abs(inverted - 0.15) < 0.012, `inverted ${inverted}`);
      const [any, fiveSeconds, minute, hour] = behind(times, [0, 5000, 60_000, 3_600_000]);
      assert.ok(Math.abs(any! - 0.164) < 0.012, `behind ${any}`);
      assert.ok(Math.abs(fiveSeconds! - 0.074) < 0.01, `over 5 s ${fiveSeconds}`);
      assert.ok(Math.abs(minute! - 0.021) < 0.006, `over a minute ${minute}`);
      assert.ok(Math.abs(hour! - 0.013) < 0.005, `over an hour ${hour}`);
    }),
    { numRuns: 12 },
  ));

test("no message is more than 37.7 days behind, and none is ahead of the time it is sent", () => {
  const times = mtimesAt("far", 10, 100_000);
  const [far] = behind(times, [37.7 * 86_400_000]);
  assert.equal(far, 0);
  assert.ok(times.every((time, i) => time <= 1e12 + i * 100));
});

test("without disorder, mtimes are the whole ms at which messages are sent", () => {
  const mtimeOf = mtimes(new Random("x"), "none");
  assert.deepEqual([10.2, 10.9, 12, 15.5].map(mtimeOf), [10, 10, 12, 15]);
});

test("the first message is never late", () => {
  for (let i = 0; i < 50; i++) assert.equal(mtimes(new Random("first", i), "measured")(5000), 5000);
});
