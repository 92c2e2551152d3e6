import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { answered } from "../../../src/sinks/objects/answered.ts";

const never = new AbortController().signal;
/** What waits until it is aborted. */
const silent = ({ signal }: { signal: AbortSignal }) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));

test("a request that moves nothing is aborted after the silence", async () => {
  let aborted = false;
  const work = answered(
    async (moving) => {
      await silent(moving);
      aborted = true;
    },
    { silence: 20, giveUp: never },
  );
  await assert.rejects(work, { code: "ETIMEDOUT", message: "no answer within 0.02 s" });
  assert.ok(aborted);
});

test("one that moves bytes may take longer", async () => {
  const work = answered(
    async ({ moved }) => {
      for (let i = 0; i < 4; i++) {
        await delay(100);
        moved();
      }
      return "done";
    },
    { silence: 300, giveUp: never },
  );
  assert.equal(await work, "done");
});

test("one that is given up ends at once, what it threw before is thrown", async () => {
  const giveUp = new AbortController();
  const work = answered(silent, { silence: 60_000, giveUp: giveUp.signal });
  giveUp.abort();
  await assert.rejects(work, { code: "ETIMEDOUT" });
  await assert.rejects(
    answered(async () => Promise.reject(new Error("x")), { silence: 60_000, giveUp: never }),
    { message: "x" },
  );
});
