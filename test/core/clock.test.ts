import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, timerMs } from "../../src/core/clock.ts";

/** More than a timer of Node.js can be set to, ms; it would take it for 1 ms. */
const MONTHS = 1e10;

test("a sleep of months lasts until it is broken off", async () => {
  const broken = new AbortController();
  setTimeout(() => broken.abort(), 50);
  const begun = systemClock.elapsed();
  await systemClock.sleep(MONTHS, broken.signal);
  assert.ok(systemClock.elapsed() - begun >= 40);
});

test("a sleep of nothing ends, and so does one of less", async () => {
  await systemClock.sleep(0);
  await systemClock.sleep(-1);
});

test("a timer is set to what it can hold", () =>
  assert.deepEqual([5, MONTHS, Number.POSITIVE_INFINITY].map(timerMs), [5, 2 ** 31 - 1, 2 ** 31 - 1]));
