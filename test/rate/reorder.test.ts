import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type OrderedEvent, reorder, type TimedEvent } from "../../src/rate/reorder.ts";

const LATENESS = 5000;
type Step = TimedEvent | { readonly tick: number };

/** Runs events and ticks through; a bare number is an event that arrives at the running maximum. */
function run(steps: readonly (Step | number)[], { end = true } = {}) {
  const out: OrderedEvent<TimedEvent>[] = [];
  const late: number[] = [];
  const stage = reorder<TimedEvent>({ lateness: LATENESS, late: ({ t }) => late.push(t) })((event) =>
    out.push(event),
  );
  let max = Number.NEGATIVE_INFINITY;
  for (const step of steps) {
    if (typeof step === "number") {
      max = Math.max(max, step);
      stage.push({ t: step, at: max });
    } else if ("tick" in step) stage.tick?.(step.tick);
    else stage.push(step);
  }
  if (end) stage.end?.();
  return { times: out.map(({ event }) => event.t), releases: out.map(({ at }) => at), late };
}

test("nothing in, nothing out", () => assert.deepEqual(run([]).times, []));

test("events within the lateness are put in their place, later ones are late", () => {
  const { times, late } = run([0, 1000, 2000, 3000, 4000, 9000, 4000, 3999, 10_000]);
  assert.deepEqual(times, [0, 1000, 2000, 3000, 4000, 4000, 9000, 10_000]);
  assert.deepEqual(late, [3999]);
});

test("what comes out never falls, and every event comes out or is late", () =>
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(60_000), fc.record({ tick: fc.nat(90_000) }))), (steps) => {
      const { times, late } = run(steps);
      const events = steps.filter((step) => typeof step === "number");
      assert.equal(times.length + late.length, events.length);
      assert.ok(times.every((t, i) => i === 0 || t >= times[i - 1]!));
    }),
  ));

test("at the start, a straggler of days is late when the others agree", () => {
  const { times, late } = run([0, 86_400_000, 86_400_100, 86_400_200, 86_400_300, 86_400_400]);
  assert.deepEqual(late, [0]);
  assert.equal(times.length, 5);
});

test("at the start of a slow stream nobody agrees with anybody, and all are kept", () => {
  const slow = Array.from({ length: 8 }, (_, i) => i * 11_000);
  assert.deepEqual(run(slow), { ...run(slow), times: slow, late: [] });
});

test("ticks end the start after twice the lateness, with fewer events", () => {
  const at = (t: number) => ({ t, at: 100_000 });
  const { times, late } = run([at(0), at(99_000), at(99_500), { tick: 109_999 }], { end: false });
  assert.deepEqual([times, late], [[], []]);
  const after = run([at(0), at(99_000), at(99_500), { tick: 110_000 }], { end: false });
  assert.deepEqual([after.times, after.late], [[99_000, 99_500], [0]]);
});

test("ticks flush a quiet stream when the lateness has passed since an event came", () => {
  const live = [0, 100, 200, 300, 400, 500].map((t) => ({ t, at: t }));
  assert.equal(run([...live, { tick: 5499 }], { end: false }).times.length, 5);
  assert.equal(run([...live, { tick: 5500 }], { end: false }).times.length, 6);
});

test("a source that lags by more than the lateness is not cut short by ticks", () => {
  const lagging = Array.from({ length: 30 }, (_, i) => [
    { t: i * 1000, at: i * 1000 + 8000 },
    { tick: i * 1000 + 8900 },
  ]).flat();
  assert.deepEqual(run(lagging).late, []);
});

test("an event stamped ahead of its arrival does not make those of the present late", () => {
  const live = [0, 1, 2, 3, 4, 5].map((t) => ({ t, at: t }));
  const { late } = run([...live, { t: 60_000, at: 10 }, { t: 11, at: 11 }, { t: 12, at: 12 }]);
  assert.deepEqual(late, []);
});
