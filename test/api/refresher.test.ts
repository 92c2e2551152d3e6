import assert from "node:assert/strict";
import { test } from "node:test";
import { refresher } from "../../src/api/refresher.ts";

/** Work that ends when it is told to. */
function setting() {
  const ends: { resolve(): void; reject(error: Error): void }[] = [];
  const time = { now: 0, tired: () => {} };
  const fresh = refresher({
    work: () => new Promise<void>((resolve, reject) => ends.push({ resolve, reject })),
    clock: {
      elapsed: () => time.now,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          assert.equal(ms, 1000);
          time.tired = resolve;
          signal?.addEventListener("abort", () => resolve());
        }),
    },
    ageMax: 250,
    waitMax: 1000,
  });
  return { fresh, time, ends };
}

test("what is asked for while it is being done joins it: one run at a time", async () => {
  const { fresh, ends } = setting();
  const asked = [fresh.run(), fresh.due(), fresh.run(), fresh.due()];
  assert.equal(ends.length, 1);
  ends[0]!.resolve();
  await Promise.all(asked);
  assert.equal(fresh.due(), undefined);
});

test("what is recent is not done again, what is old is; an age of exactly the greatest is old", async () => {
  const { fresh, time, ends } = setting();
  const first = fresh.due();
  time.now = 1000;
  ends[0]!.resolve();
  await first;
  time.now = 1249;
  assert.equal(fresh.due(), undefined);
  time.now = 1250;
  const second = fresh.due();
  assert.equal(ends.length, 2);
  ends[1]!.resolve();
  await second;
});

test("a failure is told to who runs it, never to a request, and the next one tries again", async () => {
  const { fresh, time, ends } = setting();
  const [run, due] = [fresh.run(), fresh.due()];
  ends[0]!.reject(new Error("no"));
  await assert.rejects(run, /no/);
  await due;
  assert.equal(fresh.due(), undefined, "not at once: who asks often must not make it worse");
  time.now = 300;
  const again = fresh.due();
  ends[1]!.resolve();
  await again;
});

test("a request waits no longer than it may for what hangs, and the work goes on", async () => {
  const { fresh, time, ends } = setting();
  const due = fresh.due();
  time.tired();
  await due;
  assert.equal(ends.length, 1);
  const run = fresh.run();
  ends[0]!.resolve();
  await run;
  assert.equal(ends.length, 1);
});
