import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstSecondOf, secondOf } from "../../src/core/stream-time.ts";
import { type RateInput, rates } from "../../src/rate/rates.ts";
import { feed } from "../support/feed.ts";

const NOON = 1_489_924_800_000;
const gap = (at: number, diff: number, t = at): RateInput => ({ kind: "gap", t, at, diff, connected: true });
const tick = (at: number, connected = true): RateInput => ({ kind: "tick", t: at, at, diff: 0, connected });
const told = (input: readonly RateInput[], window = 120) => feed(rates({ stream: "s", window }), input);
const brief = (input: readonly RateInput[]) =>
  told(input).map(({ t, events, seconds }) => [(t - NOON) / 1000, events, seconds]);

test("no input gives no record", () => assert.deepEqual(told([]), []));

test("one gap gives one record at the end, whose part of a second counts as whole", () => {
  assert.deepEqual(told([gap(NOON + 500, 0.25, NOON + 300)]), [
    {
      t: NOON + 500,
      stream: "s",
      avg: 0.25,
      rate: 4,
      count: 1,
      window: 120,
      events: 1,
      seconds: 1,
      silence: 0.2,
      connected: true,
      stale: 0,
    },
  ]);
});

test("each second that stream time completes is told at its end", () => {
  const input = [gap(NOON + 100, 1), gap(NOON + 900, 1), gap(NOON + 3500, 1)];
  assert.deepEqual(brief(input), [
    [1, 2, 1],
    [2, 0, 1],
    [3, 0, 1],
    [3.5, 1, 1],
  ]);
});

test("a leap of more than a minute is one record; of a minute, sixty", () => {
  assert.deepEqual(brief([gap(NOON, 1), gap(NOON + 7_200_500, 1)]), [
    [7200, 1, 7200],
    [7200.5, 1, 1],
  ]);
  assert.equal(brief([gap(NOON, 1), gap(NOON + 60_000, 1)]).length, 61);
});

test("ticks without gaps tell of seconds without events, and of no silence", () => {
  const records = told([tick(NOON), tick(NOON + 1000)]);
  assert.deepEqual(
    records.map(({ avg, count, events, seconds, silence }) => ({ avg, count, events, seconds, silence })),
    [
      { avg: null, count: 0, events: 0, seconds: 1, silence: null },
      { avg: null, count: 0, events: 0, seconds: 0, silence: null },
    ],
  );
});

test("seconds in which the source was not connected do not count as seconds", () => {
  const input = [
    tick(NOON),
    tick(NOON + 2000, false),
    tick(NOON + 4000),
    tick(NOON + 5000),
    tick(NOON + 600_000, false),
  ];
  const records = told(input);
  assert.deepEqual(
    records.map(({ t, seconds, connected }) => [(t - NOON) / 1000, seconds, connected]),
    [
      [1, 0, false],
      [2, 0, false],
      [3, 0, true],
      [4, 0, true],
      [5, 1, true],
      [600, 0, false],
      [600, 0, false],
    ],
  );
});

test("gaps of no length have a mean of nought and no rate", () => {
  const [record] = told([gap(NOON, 0)]);
  assert.deepEqual([record?.avg, record?.rate, record?.count], [0, null, 1]);
});

test("an arrival out of order counts in its own second of the window, and as an event of the present one", () => {
  const records = told([gap(NOON + 5000, 1), gap(NOON + 500, 3)], 2);
  assert.deepEqual([records.at(-1)?.count, records.at(-1)?.events], [1, 2]);
});

const stories = fc
  .array(
    fc.record({
      wait: fc.oneof(fc.integer({ min: 0, max: 2500 }), fc.integer({ min: 0, max: 2_000_000 })),
      micros: fc.integer({ min: 0, max: 60_000_000 }),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = NOON;
    return steps.map(({ wait, micros }) => {
      at += wait;
      return gap(at, micros / 1e6);
    });
  });

test("events add up to the gaps, seconds to the time spanned, and the last window is that of the definition", () =>
  fc.assert(
    fc.property(stories, fc.constantFrom(1, 2.5, 120, 3600), (gaps, window) => {
      const records = told(gaps, window);
      const total = (field: "events" | "seconds") =>
        records.reduce((sum, record) => sum + (record[field] ?? 0), 0);
      assert.equal(total("events"), gaps.length);
      const last = records.at(-1);
      if (last === undefined) return;
      assert.equal(total("seconds"), secondOf(last.t) - secondOf(gaps[0]!.at) + 1);
      const first = firstSecondOf(last.t, window);
      const inside = gaps.filter(({ at }) => secondOf(at) >= first);
      assert.equal(last.count, inside.length);
      const sum = inside.reduce((micros, { diff }) => micros + Math.round(diff * 1e6), 0);
      assert.equal(last.avg, Number((sum / 1e6 / inside.length).toPrecision(10)));
      assert.ok(records.every(({ t }, i) => i === 0 || t >= records[i - 1]!.t));
    }),
  ));
