import assert from "node:assert/strict";
import { test } from "node:test";
import { leapGuard } from "../../src/core/leap-guard.ts";

const HOUR = 3_600_000;

function guarded(times: readonly number[]): { given: [number, number][]; refused: number[] } {
  const given: [number, number][] = [];
  const refused: number[] = [];
  let current = 0;
  const guard = leapGuard<number>({
    hold: () => current,
    give: (held, t) => given.push([held, t]),
    refuse: (held) => refused.push(held),
  });
  for (const t of times) {
    current = t;
    const at = guard.offer(t);
    if (at !== undefined) given.push([t, at]);
  }
  guard.end();
  return { given, refused };
}

test("arrival is the running maximum of event times", () => {
  assert.deepEqual(guarded([5, 3, 8, 7]).given, [
    [5, 5],
    [3, 5],
    [8, 8],
    [7, 8],
  ]);
});

test("one clock gone wild is refused, and the stream goes on as if it had not been", () => {
  const { given, refused } = guarded([0, 1, 9 * HOUR, 2, 3]);
  assert.deepEqual(refused, [9 * HOUR]);
  assert.deepEqual(
    given.map(([t]) => t),
    [0, 1, 2, 3],
  );
});

test("a long silence is believed when the next event bears it out, or nothing follows", () => {
  assert.deepEqual(
    guarded([0, 9 * HOUR, 9 * HOUR + 1]).given.map(([t]) => t),
    [0, 9 * HOUR, 9 * HOUR + 1],
  );
  assert.deepEqual(guarded([0, 9 * HOUR]).given, [
    [0, 0],
    [9 * HOUR, 9 * HOUR],
  ]);
});

test("a slow stream, each event days after the one before, keeps them all", () => {
  const times = Array.from({ length: 20 }, (_, i) => i * 24 * HOUR);
  assert.deepEqual(
    guarded(times).given.map(([t]) => t),
    times,
  );
});
