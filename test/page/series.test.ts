import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as s from "../../src/page/series.ts";
import { statsExample } from "../../src/records/stats.ts";

const record = (second: number, events: number | null, seconds = 1) => ({
  ...statsExample,
  ...{ t: second * 1000 + 400, events, seconds, entropy: 4.5 },
});
const seriesOf = (rate: readonly (number | null)[], from = 1000): s.Series => {
  const series = s.emptySeries();
  rate.forEach((value, i) => {
    s.append(series, record(from + i, value, value === null ? 0 : 1), 9.8);
  });
  return series;
};

test("a record appends the seconds that it completed, its events spread over them", () => {
  const series = seriesOf([10]);
  s.append(series, record(1003, 30, 3), 9.8);
  assert.deepEqual(series.seconds, [1000, 1001, 1002, 1003]);
  assert.deepEqual(series.rate, [10, 10, 10, 10]);
  assert.deepEqual(series.usual, [9.8, 9.8, 9.8, 9.8]);
});

test("a second that is told twice counts once", () => {
  const series = seriesOf([10, 11]);
  s.append(series, record(1001, 99), 9.8);
  s.append(series, record(1000, 99), 9.8);
  assert.deepEqual(series.rate, [10, 11]);
});

test("the line breaks where nobody listened", () => {
  const series = seriesOf([10, null, 12]);
  s.append(series, record(1100, 5), 9.8);
  assert.deepEqual(series.rate, [10, null, 12, null, 5]);
  assert.deepEqual(series.seconds, [1000, 1001, 1002, 1003, 1100]);
});

test("an hour is kept, and not more, whatever comes", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4000), fc.nat(60)), { minLength: 50, maxLength: 400 }), (steps) => {
      const series = s.emptySeries();
      let second = 1e6;
      for (const [leap, seconds] of steps) {
        second += leap;
        s.append(series, record(second, seconds === 0 ? null : 5 * seconds, seconds), null);
      }
      const { seconds, rate, usual, entropy } = series;
      assert.ok(seconds.length <= s.SECONDS_KEPT + 300 + 1);
      assert.ok(seconds.every((at, i) => i === 0 || at > seconds[i - 1]!));
      assert.ok([rate, usual, entropy].every(({ length }) => length === seconds.length));
    }),
    { numRuns: 50 },
  ));

test("a history becomes a series; what does not ascend is left out", () => {
  const history = { stream: "demo", t: 0, noun: "RSVP", seconds: [1, 3, 2, 4], rate: [1, 2, 3, null] };
  const series = s.seriesOf({ ...history, usual: [null, 1, 1, 1], entropy: [1, 2, 3, 4] });
  assert.deepEqual(series.seconds, [1, 3, 4]);
  assert.deepEqual(series.rate, [1, 2, null]);
});

test("the mean of a second is of it and the nine before, as far as they are heard", () => {
  const rate = [10, 20, null, 30, ...Array<number>(10).fill(5)];
  const means = s.trailingMeans(
    rate.map((_, i) => i),
    rate,
  );
  assert.deepEqual(means.slice(0, 4), [10, 15, null, 30]);
  assert.equal(means.at(-1), 5);
});

test("a surge shows in the line within two seconds, over an hour too", () => {
  const calm = Array<number>(3600).fill(10);
  const seconds = Array.from({ length: 3602 }, (_, i) => i);
  for (const span of [s.SMOOTHED, s.SMOOTHED_HOUR]) {
    const line = s.smoothed(seconds, [...calm, 40, 40], span);
    assert.equal(line.length, seconds.length);
    assert.equal(line.at(-1), 16);
    assert.equal(line[1800], 10);
  }
});

test("there is no rate now when the newest second is long ago, or was not heard", () => {
  assert.equal(s.rateNow(seriesOf([10, 12]), 1001), 11);
  assert.equal(s.rateNow(seriesOf([10, 12]), 1100), null);
  assert.equal(s.rateNow(seriesOf([10, null]), 1001), null);
  assert.equal(s.rateNow(s.emptySeries(), 0), null);
});

test("runs of null and holes are when nobody listened, up to now", () => {
  const series = seriesOf([10, ...Array<null>(9).fill(null), 10, 10]);
  s.append(series, record(1100, 5), null);
  assert.deepEqual(s.unheard(series, 1160), [
    { from: 1000, to: 1009 },
    { from: 1011, to: 1099 },
    { from: 1100, to: 1160 },
  ]);
  assert.deepEqual(s.unheard(seriesOf([1, null, 1]), 1003), []);
});

test("a figure that is missing for a few seconds breaks no line, one that is missing longer does", () => {
  const list = [null, 4, null, null, 5, null, null, null];
  assert.deepEqual(s.bridged([0, 1, 2, 3, 4, 9, 10, 60], list), [null, 4, 4, 4, 5, 5, null, null]);
});
