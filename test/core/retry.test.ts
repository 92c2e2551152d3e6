import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, Passing, retried } from "../../src/core/retry.ts";
import { fakeClock } from "../support/fake-clock.ts";

test("ceilings double up to the limit and begin anew after a reset", () => {
  const waits = backOff({ first: 500, max: 60_000, random: () => 1 });
  assert.deepEqual(
    Array.from({ length: 9 }, () => waits.next()),
    [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000],
  );
  waits.reset();
  assert.equal(waits.next(), 500);
});

test("the jitter is full: from nothing to the ceiling", () => {
  const waits = backOff({ first: 500, max: 1000, random: () => 0 });
  assert.equal(waits.next(), 0);
});

/** Fails so often, on a clock that passes only while it sleeps. */
function failing(failures: number, failure: () => Error, random = 1) {
  const clock = fakeClock();
  const times: number[] = [];
  const stop = new AbortController();
  const told: string[] = [];
  const patience = {
    first: 500,
    max: 60_000,
    random: () => random,
    clock,
    signal: stop.signal,
    failed: ({ message }: Passing, wait: number) => void told.push(`${message} ${wait}`),
    worked: () => void told.push("worked"),
  };
  const work = async () => {
    times.push(clock.elapsed());
    if (times.length <= failures) throw failure();
    return "done";
  };
  return { clock, times, stop, told, patience, work };
}

test("what may pass is tried again after waits that double up to their limit, and no sooner than was asked", async () => {
  const { work, patience, times, told } = failing(9, () => new Passing("busy"));
  assert.equal(await retried(work, patience), "done");
  const waits = times.slice(1).map((time, i) => time - times[i]!);
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  assert.deepEqual([told[0], told.at(-1)], ["busy 500", "worked"]);

  const asked = failing(2, () => new Passing("busy", { wait: 700 }), 0);
  await retried(asked.work, asked.patience);
  assert.deepEqual(asked.times, [0, 700, 1400]);
});

test("what will not pass is thrown at once, and so is the last failure when patience ends", async () => {
  const broken = failing(1, () => new TypeError("broken"));
  await assert.rejects(retried(broken.work, broken.patience), TypeError);
  assert.deepEqual([broken.times.length, broken.told], [1, []]);

  const few = failing(9, () => new Passing("busy"));
  await assert.rejects(retried(few.work, { ...few.patience, triesMax: 3 }), /busy/);
  assert.equal(few.times.length, 3);

  const stopped = failing(9, () => new Passing("busy"));
  stopped.clock.at(700, () => stopped.stop.abort());
  await assert.rejects(retried(stopped.work, stopped.patience), /busy/);
  assert.deepEqual(stopped.times, [0, 500]);
});
