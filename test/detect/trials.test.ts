import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/simulate/random.ts";
import { CHANGES, delayOf, episodesOfDay, surge } from "./trials.ts";
import { TRAFFIC } from "./worlds.ts";

/** Mean delays that must not be exceeded, s; with a tenth more, for these are few runs. bench/detect has many. */
const MOST: Readonly<Record<string, number>> = {
  "rate × 0.33": 6.5,
  "rate × 2": 5.5,
  "rate × 3": 4,
  "share 1 → 10 %": 14,
  "shares 12 ↔ 2 %": 15,
  "new category at 5 %": 9,
};
const RUNS = 12;

for (const [name, most] of Object.entries(MOST)) {
  test(`${name} is told after ${most} s on average, or sooner`, () => {
    const delays = Array.from({ length: RUNS }, (_, i) =>
      delayOf(CHANGES[name]!, { random: new Random("trial", name, i) }),
    );
    assert.ok(delays.every((delay) => delay !== undefined));
    const mean = delays.reduce((sum, delay) => sum + delay!, 0) / RUNS;
    assert.ok(mean <= 1.1 * most, `${mean.toFixed(1)} s: ${delays.join(" ")}`);
  });
}

test("ten minutes of three times the rate are one episode, whose end is told within half a minute", () => {
  for (let i = 0; i < 6; i++) {
    const { episodes, resolvedAfter } = surge({ random: new Random("surge", i) });
    assert.equal(episodes, 1);
    assert.ok(resolvedAfter! <= 30);
  }
});

for (const name of ["Poisson", "bursts of 10 s", "batches each minute"] as const) {
  test(`a calm day (${name}) has at most four episodes`, () => {
    const told = episodesOfDay({ random: new Random("day", name), traffic: TRAFFIC[name] });
    assert.ok(told.length <= 4, told.map(({ text }) => text).join("\n"));
  });
}
