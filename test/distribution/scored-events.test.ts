import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ScoredEvent, type Sighting, scoredEvents } from "../../src/distribution/scored-events.ts";
import { feed } from "../support/feed.ts";
import { type History, sightings } from "./worlds.ts";

const NOON = 1_489_924_800_000;
const settings = { categoriesMax: 1000, exact: true, beyond() {} };
const seen = (at: number, name: string | null): Sighting => ({ at, key: () => name });

/** The part of the judged events of a history that is said to be this rare, in per cent. */
function calledRare(history: History, rarity: number): number {
  let [judged, rare] = [0, 0];
  const stage = scoredEvents({ ...settings, exact: false })((event) => {
    if (!event.judged) return;
    judged++;
    if (event.rarity <= rarity) rare++;
  });
  for (const sighting of sightings(history)) stage.push(sighting);
  return (rare / judged) * 100;
}

test("of 280,000 events of 200 Zipf-like categories between 0.07 and 0.15 % are called one in a thousand", () => {
  const share = calledRare({ world: "200 Zipf-like", rate: 10, events: 280_000, seed: 1 }, 0.001);
  assert.ok(share >= 0.07 && share <= 0.15, `${share} %`);
});

for (const world of [
  "10 uneven",
  "10 even",
  "10 redrawn",
  "10 permuted",
  "200 redrawn",
  "200 permuted",
] as const) {
  test(`where no category is that rare, or the world drifts every ten minutes, at most 0.15 % are: ${world}`, () => {
    const share = calledRare({ world, rate: 10, events: 140_000, seed: 2 }, 0.001);
    assert.ok(share <= 0.15, `${share} %`);
  });
}

test("no input gives no score; an event without a category is neither scored nor learnt", () => {
  assert.deepEqual(feed(scoredEvents(settings), []), []);
  const [only, ...rest] = feed(scoredEvents(settings), [
    seen(NOON, null),
    seen(NOON, "CA"),
    seen(NOON, null),
  ]);
  assert.deepEqual([only!.key, only!.before, rest.length], ["CA", 0, 0]);
});

test("an event is scored before it is learnt", () => {
  const scores = feed(scoredEvents(settings), [seen(NOON, "CA"), seen(NOON + 1, "NY"), seen(NOON + 2, "NY")]);
  assert.deepEqual(
    scores.map(({ familiarity }) => familiarity),
    ["new", "new", "known"],
  );
});

test("three hundred events warm it up, or as many that were counted before", () => {
  const events = Array.from({ length: 302 }, (_, i) => seen(NOON + i, "CA"));
  const judged = (scores: readonly ScoredEvent[]) => scores.filter((score) => score.judged).length;
  assert.equal(judged(feed(scoredEvents(settings), events)), 2);
  const warmStart = { time: NOON - 1000, counts: new Map([["CA", { all: 299, recent: 40 }]]) };
  assert.equal(judged(feed(scoredEvents({ ...settings, warmStart }), events)), 301);
});

test("stream time never goes back, and ticks move it on", () => {
  const out: number[] = [];
  const stage = scoredEvents(settings)(({ now }) => out.push(now));
  stage.push(seen(NOON, "CA"));
  stage.push(seen(NOON - 5000, "CA"));
  stage.tick?.(NOON + 1000);
  stage.push(seen(NOON + 10, "CA"));
  assert.deepEqual(out, [NOON, NOON, NOON + 1000]);
});

test("a category past the limit is reported each time", () => {
  let beyond = 0;
  const stage = scoredEvents({ ...settings, categoriesMax: 1, beyond: () => beyond++ })(() => {});
  for (const name of ["A", "B", "C", "A"]) stage.push(seen(NOON, name));
  assert.equal(beyond, 2);
});

test("the score of what happened does not depend on whether large rarities are summed", () => {
  const history: History = { world: "200 Zipf-like", rate: 1, events: 5000, seed: 3 };
  const scores = (exact: boolean) => {
    const out: ScoredEvent[] = [];
    const stage = scoredEvents({ ...settings, exact })((event) => out.push(event));
    for (const sighting of sightings(history)) stage.push(sighting);
    return out;
  };
  const [all, some] = [scores(true), scores(false)];
  all.forEach((score, i) => {
    assert.equal(score.probability, some[i]!.probability);
    if (score.rarity <= 1 / 16) assert.ok(Math.abs(score.rarity / some[i]!.rarity - 1) < 1e-9);
    else assert.ok(some[i]!.rarity > 1 / 16);
  });
});

test("whatever comes, whenever: one score an event, and every number in it is one", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          at: fc.oneof(
            fc.integer({ min: NOON, max: NOON + 1e6 }),
            fc.double({ min: 0, max: 253_402_300_800_000, noNaN: true }),
          ),
          name: fc.option(
            fc.oneof(fc.nat(5).map(String), fc.constantFrom("__proto__", "é", "x".repeat(5000))),
          ),
        }),
        { maxLength: 400 },
      ),
      (events) => {
        const scores = feed(
          scoredEvents({ ...settings, categoriesMax: 4 }),
          events.map(({ at, name }) => seen(at, name)),
        );
        assert.equal(scores.length, events.filter(({ name }) => name !== null).length);
        for (const { probability, rarity, unseen, now } of scores) {
          for (const share of [probability, rarity, unseen])
            assert.ok(share > 0 && share <= 1, String(share));
          assert.ok(Number.isFinite(now));
        }
      },
    ),
    { numRuns: 50 },
  ));
