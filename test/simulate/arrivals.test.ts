import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { poissonArrivals } from "../../src/simulate/arrivals.ts";
import { Random } from "../../src/simulate/random.ts";
import { parseStory } from "../../src/simulate/story.ts";

interface Asked {
  readonly rate?: number;
  readonly span?: number;
  readonly step?: number;
  readonly seed?: string;
}

/** All times up to `span` ms, asked for in steps. */
function times(story: string, { rate = 10, span = 100_000, step, seed = "arrivals" }: Asked = {}): number[] {
  const stride = step ?? span;
  const arrivals = poissonArrivals(new Random(seed), { rate, story: parseStory(story) });
  const all: number[] = [];
  for (let horizon = stride; horizon <= span; horizon += stride) {
    for (let at = arrivals.peek(horizon); at !== undefined; at = arrivals.peek(horizon)) {
      all.push(at);
      arrivals.take();
    }
  }
  return all;
}
const between = (all: readonly number[], from: number, to: number) =>
  all.filter((at) => at >= from && at < to).length;

test("counts are Poisson: mean and variance of the seconds are the rate", () => {
  const all = times("", { rate: 10, span: 4_000_000 });
  const counts = new Array<number>(4000).fill(0);
  for (const at of all) counts[Math.floor(at / 1000)]!++;
  const mean = all.length / 4000;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 4000;
  assert.ok(Math.abs(mean - 10) < 0.2, `mean ${mean}`);
  assert.ok(Math.abs(variance - 10) < 0.9, `variance ${variance}`);
});

test("a surge multiplies the rate while it lasts, a silence stops it", () => {
  const all = times("20s:surge=4:30s,60s:silence:20s", { rate: 100 });
  assert.ok(Math.abs(between(all, 0, 20_000) - 2000) < 200);
  assert.ok(Math.abs(between(all, 20_000, 50_000) - 12_000) < 500);
  assert.equal(between(all, 60_000, 80_000), 0);
  assert.ok(Math.abs(between(all, 80_000, 100_000) - 2000) < 200);
});

test("a silence without an end is asked in vain, repeated changes or not", () => {
  assert.deepEqual(times("0s:silence"), []);
  assert.deepEqual(times("0s:silence,every=1s:surge=2:500ms"), []);
});

test("times ascend and do not depend on how often they are asked for", () =>
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom(25, 400, 1000, 12_500),
      fc.constantFrom("", "10s:surge=3:7s,every=9s:silence:2s", "0s:silence:30s"),
      (seed, step, story) => {
        const all = times(story, { seed, step });
        assert.deepEqual(all, times(story, { seed }));
        assert.ok(all.every((at, i) => i === 0 || at >= all[i - 1]!));
      },
    ),
    { numRuns: 30 },
  ));
