import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import { Passing, retried } from "../../src/core/retry.ts";
import { reach } from "../../src/profiles/reach.ts";
import { fakeClock } from "../support/fake-clock.ts";

function setting(random = 1) {
  const clock = fakeClock();
  const told: string[] = [];
  const log = logOf((severity, message) => told.push(`${severity} ${message}`));
  const signal = new AbortController().signal;
  const { patience, trouble } = reach({ name: "It", clock, random: () => random, log, signal });
  return { clock, told, patience, trouble };
}

test("who never answered is unavailable within four seconds of the first try", async () => {
  const { clock, patience } = setting();
  const work = async () => {
    throw new Passing("nobody listens at its address", { answered: false });
  };
  await assert.rejects(
    retried(work, patience),
    (error) =>
      error instanceof ToolError &&
      error.kind === "unavailable" &&
      error.message.startsWith("It cannot be reached: nobody listens"),
  );
  assert.ok(clock.elapsed() <= 4000, String(clock.elapsed()));
});

test("who answered once is waited for, a minute at most between two tries; each reason is told once", async () => {
  const { clock, told, patience, trouble } = setting();
  let tries = 0;
  const work = async () => {
    tries++;
    if (tries === 1) throw new Passing("it answers 503", { status: 503 });
    if (tries < 20) {
      assert.equal(trouble(), tries === 2 ? "it answers 503" : "the connection was cut");
      throw new Passing("the connection was cut", { answered: false });
    }
    return "done";
  };
  await retried(work, patience);
  // 0.5 + 1 + 2 + 4 + 8 + 16 + 32 s, then a minute each.
  assert.equal(clock.elapsed(), 63_500 + 12 * 60_000);
  assert.deepEqual(told, [
    "WARNING It: it answers 503; tried again in 0.5 s",
    "WARNING It: the connection was cut; tried again in 1 s",
    "NOTICE It: works again",
  ]);
  assert.equal(trouble(), undefined);
});
