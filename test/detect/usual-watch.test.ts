import assert from "node:assert/strict";
import { test } from "node:test";
import { PLAIN_WORDS } from "../../src/detect/change-words.ts";
import { defaultDetectors, type Usual, usualWatch } from "../../src/detect/usual-watch.ts";
import { type StatsRecord, statsExample } from "../../src/records/stats.ts";
import { Random } from "../../src/simulate/random.ts";
import { poisson } from "./worlds.ts";

const START = 1_489_924_800_000;

/** What is usual after each second, of counts with these means: for how long, and how many. */
function usualOf(
  parts: readonly (readonly [seconds: number, means: Readonly<Record<string, number>>])[],
): Usual[] {
  const watch = usualWatch(defaultDetectors(() => PLAIN_WORDS));
  const random = new Random("usual");
  let t = START;
  return parts.flatMap(([seconds, means]) =>
    Array.from({ length: seconds }, () => {
      t += 1000;
      const counts = Object.entries(means).map(([key, mean]) => [key, poisson(mean, random)] as const);
      const byKey = Object.fromEntries(counts);
      const events = counts.reduce((sum, [, count]) => sum + count, 0);
      const record: StatsRecord = {
        ...statsExample,
        t,
        stream: "s",
        seconds: 1,
        events,
        byKey,
        silence: 0,
        stale: 0,
      };
      return watch(record).usual;
    }),
  );
}

const CALM = { CA: 5, NY: 4, TX: 1 };
const TEXAS = { CA: 5, NY: 4, TX: 9 };

test("the usual rate is unknown before it is warm, and then near the truth", () => {
  const all = usualOf([[300, CALM]]);
  assert.equal(all[30]!.rate, undefined);
  assert.ok(Math.abs(all.at(-1)!.rate! - 10) < 1, `${all.at(-1)!.rate}`);
  assert.ok(all.every(({ unusualSince }) => unusualSince === undefined));
});

test("while a change lasts it is unusual since it began, and what is usual stands still; then no more", () => {
  const all = usualOf([
    [600, CALM],
    [120, TEXAS],
    [300, CALM],
  ]);
  const during = all[700]!;
  assert.ok(Math.abs(during.unusualSince! - (START + 600_000)) <= 10_000, `${during.unusualSince! - START}`);
  assert.ok(Math.abs(during.rate! - 10) < 1, `${during.rate}`);
  assert.deepEqual([all.at(-1)!.unusualSince, all.at(-1)!.usualFrom], [undefined, undefined]);
});

test("a change that lasts is the usual state from its beginning on, when it has lasted", () => {
  const { unusualSince, usualFrom, rate } = usualOf([
    [600, CALM],
    [1200, TEXAS],
  ]).at(-1)!;
  assert.equal(unusualSince, undefined);
  assert.ok(Math.abs(usualFrom! - (START + 600_000)) <= 10_000, `${usualFrom! - START}`);
  assert.ok(Math.abs(rate! - 18) < 2, `${rate}`);
});

test("a stream that begins anew at an earlier time is learnt anew", () => {
  const watch = usualWatch(defaultDetectors(() => PLAIN_WORDS));
  const record = (t: number): StatsRecord => ({
    ...statsExample,
    t,
    stream: "s",
    seconds: 1,
    events: 10,
    stale: 0,
  });
  for (let second = 1; second <= 200; second++) watch(record(START + second * 1000));
  assert.notEqual(watch(record(START + 201_000)).usual.rate, undefined);
  assert.equal(watch(record(START)).usual.rate, undefined);
});
