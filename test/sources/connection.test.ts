import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../src/core/clock.ts";
import { ToolError } from "../../src/core/errors.ts";
import { type Open, Refusal, stayConnected } from "../../src/sources/connection.ts";

/** A clock that goes on only by being slept on; it stops the run after some sleeps. */
function sleepyClock(
  stop: AbortController,
  sleepsMax: number,
): Clock & { sleeps: number[]; pass(ms: number): void } {
  let time = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => time,
    elapsed: () => time,
    pass(ms) {
      time += ms;
    },
    async sleep(ms) {
      time += ms;
      sleeps.push(ms);
      if (sleeps.length >= sleepsMax) stop.abort();
    },
  };
}

async function* chunks(...texts: string[]): AsyncIterable<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function run(open: (clock: ReturnType<typeof sleepyClock>) => Open, sleepsMax: number) {
  const stop = new AbortController();
  const clock = sleepyClock(stop, sleepsMax);
  const journal: string[] = [];
  const error = await stayConnected({
    open: open(clock),
    stop: stop.signal,
    stall: 60,
    clock,
    random: () => 1,
    unreachable: (reason, status) => new ToolError("unavailable", `${reason} ${status ?? ""}`),
    handlers: {
      connected: () => journal.push("connected"),
      chunk: (chunk) => void journal.push(chunk.toString()),
      disconnected: (reason, { clean }) => journal.push(`${reason} ${clean}`),
      ended: () => void journal.push("ended"),
    },
  }).catch((thrown: unknown) => thrown);
  return { journal, sleeps: clock.sleeps, error };
}

test("after each loss the wait doubles up to a minute, under any answer", async () => {
  for (const answer of [
    () => chunks("x"),
    () => assert.fail("refused"),
    () => {
      throw new Refusal(503);
    },
  ]) {
    let first = true;
    const { sleeps } = await run(
      () => async () => {
        if (first) {
          first = false;
          return { chunks: chunks("x") };
        }
        return { chunks: answer() as AsyncIterable<Buffer> };
      },
      9,
    );
    assert.deepEqual(sleeps, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  }
});

test("a good minute resets the waits", async () => {
  const { sleeps } = await run(
    (clock) => async () => {
      clock.pass(0);
      async function* aMinute() {
        clock.pass(60_000);
        yield Buffer.from("x");
      }
      return { chunks: aMinute() };
    },
    3,
  );
  assert.deepEqual(sleeps, [500, 500, 500]);
});

test("Retry-After is waited for when it is longer", async () => {
  const { sleeps } = await run(
    () => async () => {
      throw new Refusal(429, 30_000);
    },
    2,
  );
  assert.deepEqual(sleeps, [30_000, 30_000]);
});

test("a source never reached within four seconds is unavailable, with the reason that says most", async () => {
  const { error, sleeps } = await run(
    () => async () => {
      throw new Error("connect ECONNREFUSED");
    },
    99,
  );
  assert.ok(error instanceof ToolError);
  assert.match(error.message, /ECONNREFUSED/);
  assert.equal(
    sleeps.reduce((a, b) => a + b),
    4000,
  );
});

test("an address that is gone is told at once, but a source that was there is waited for", async () => {
  const gone = await run(
    () => async () => {
      throw new Refusal(404);
    },
    99,
  );
  assert.match(String(gone.error), /404/);
  let calls = 0;
  const later = await run(
    () => async () => {
      if (calls++ === 0) return { chunks: chunks("x") };
      throw new Refusal(404);
    },
    3,
  );
  assert.equal(later.error, undefined);
  assert.deepEqual(later.journal, [
    "connected",
    "x",
    "the source ended the stream true",
    "the server answered 404 false",
    "the server answered 404 false",
  ]);
});
