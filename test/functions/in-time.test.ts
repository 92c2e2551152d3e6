import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { inTime } from "../../src/functions/in-time.ts";

/** A clock whose sleeps end when they are told to. */
function heldClock() {
  const slept: number[] = [];
  let wake = () => {};
  const sleep = (ms: number, signal?: AbortSignal) => {
    slept.push(ms);
    return new Promise<void>((resolve) => {
      wake = resolve;
      signal?.addEventListener("abort", () => resolve());
    });
  };
  return { clock: { sleep }, slept, wake: () => wake() };
}

test("work that is done in time gives what it gives", async () => {
  const { clock } = heldClock();
  assert.equal(await inTime("x", Promise.resolve(5), clock), 5);
  await assert.rejects(inTime("x", Promise.reject(new Error("broken")), clock), /broken/);
});

test("work that takes too long may be done again: it is a 503 before the platform's 504", async () => {
  const { clock, slept, wake } = heldClock();
  const work = inTime("gs://b", new Promise<never>(() => {}), clock);
  wake();
  await assert.rejects(work, (error: ToolError) => {
    assert.ok(error instanceof ToolError);
    assert.equal(error.kind, "unavailable");
    assert.equal(error.message, "gs://b: no answer in time");
    return true;
  });
  assert.deepEqual(slept, [50_000]);
});
