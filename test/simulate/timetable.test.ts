import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseStory } from "../../src/simulate/story.ts";
import { effectsAt, nextChange, nextMoments, rateFactorAt } from "../../src/simulate/timetable.ts";

test("surges multiply, a silence wins, and both end", () => {
  const story = parseStory("10s:surge=4:20s,20s:surge=2:20s,25s:silence:1s");
  const at = [9.999, 10, 20, 25, 26, 30, 40].map((seconds) => rateFactorAt(story, seconds * 1000));
  assert.deepEqual(at, [1, 4, 8, 0, 8, 2, 1]);
});

test("repeated effects come and go", () => {
  const story = parseStory("every=10s:silence:3s");
  const silent = [0, 2, 9, 10, 12.9, 13, 20, 23, 1000, 1003].map((s) => effectsAt(story, s * 1000).length);
  assert.deepEqual(silent, [0, 0, 0, 1, 1, 0, 1, 0, 1, 0]);
});

test("moments come in order, those of one time together", () => {
  const story = parseStory("every=5s:garbage=1,10s:garbage=3,7s:cut,0s:cut");
  const walk: number[] = [];
  for (let [next] = nextMoments(story, "garbage", { after: -1 }); next !== undefined && next.at < 21_000; ) {
    walk.push(next.at);
    [next] = nextMoments(story, "garbage", { after: next.at });
  }
  assert.deepEqual(walk, [5000, 10_000, 15_000, 20_000]);
  assert.equal(nextMoments(story, "garbage", { after: 9000 }).length, 2);
  assert.equal(nextMoments(story, "cut", { after: -1 })[0]?.at, 0);
  assert.deepEqual(nextMoments(story, "cut", { after: 7000 }), []);
});

const seconds = fc.integer({ min: 1, max: 60 });
const item = fc.oneof(
  fc.tuple(seconds, seconds).map(([at, lasts]) => `${at}s:surge=2:${lasts}s`),
  fc.tuple(seconds, seconds).map(([a, b]) => `every=${Math.max(a, b)}s:stall:${Math.min(a, b)}s`),
  seconds.map((at) => `${at}s:silence`),
  seconds.map((at) => `${at}s:cut`),
);

test("nothing changes before the next change, and time goes on", () =>
  fc.assert(
    fc.property(fc.array(item, { maxLength: 5 }), fc.integer({ min: 0, max: 200_000 }), (items, t) => {
      const story = parseStory(items.join(","));
      const next = nextChange(story, t);
      assert.ok(next > t);
      const before = Math.min(next, t + 300_000);
      for (const part of [0.25, 0.5, 0.99]) {
        assert.deepEqual(effectsAt(story, t + (before - t) * part), effectsAt(story, t));
      }
    }),
  ));
