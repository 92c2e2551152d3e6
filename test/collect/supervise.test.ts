import assert from "node:assert/strict";
import { test } from "node:test";
import { type Standing, supervise } from "../../src/collect/supervise.ts";
import { ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";

interface Setting {
  readonly run: (attempt: number, clock: FakeClock) => Promise<void>;
  readonly random?: () => number;
}

/** Supervises a piece of work by a clock of its own until it ends or was started a number of times. */
async function supervised({ run, random = () => 1 }: Setting, startsMax = 20) {
  const clock = fakeClock();
  const stop = new AbortController();
  const starts: number[] = [];
  const told: string[] = [];
  const standings: Standing["kind"][] = [];
  const outcome = await supervise({
    async run() {
      starts.push(clock.elapsed());
      if (starts.length > startsMax) return stop.abort();
      await run(starts.length, clock);
    },
    clock,
    random,
    log: logOf((severity, message) => told.push(`${severity} ${message}`)),
    stop: stop.signal,
    changed: ({ kind }) => standings.push(kind),
  });
  const waits = starts.slice(1).map((start, i) => start - starts[i]!);
  return { outcome, waits, told, standings };
}

const away = () => Promise.reject(new ToolError("unavailable", "nobody is there"));

test("waits double from one second, and are capped at five minutes", async () => {
  const { waits } = await supervised({ run: away }, 12);
  assert.deepEqual(
    waits,
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1000),
  );
});

test("waits are spread over the whole of their span", async () => {
  const draws = [0, 0.25, 0.5, 0.75];
  let drawn = 0;
  const { waits } = await supervised({ run: away, random: () => draws[drawn++]! }, 4);
  assert.deepEqual(waits, [0, 500, 2000, 6000]);
});

test("a run that was well for a minute starts the waits anew, and its failure is an error again", async () => {
  const { waits, told } = await supervised(
    {
      async run(attempt, clock) {
        if (attempt === 4) await clock.sleep(60_000);
        await away();
      },
    },
    5,
  );
  assert.deepEqual(waits, [1000, 2000, 4000, 61_000, 2000]);
  assert.deepEqual(
    told.map((line) => line.split(" ", 1)[0]),
    ["ERROR", "WARNING", "WARNING", "ERROR", "WARNING"],
  );
});

for (const kind of ["permission", "configuration", "usage"] as const) {
  test(`what waiting does not mend stays down and is told once: ${kind}`, async () => {
    const error = new ToolError(kind, "it does not let us in");
    const { outcome, waits, told, standings } = await supervised({ run: () => Promise.reject(error) });
    assert.equal(outcome, error);
    assert.deepEqual(waits, []);
    assert.deepEqual(told, ["ERROR it does not let us in; it stays down until that is mended"]);
    assert.deepEqual(standings, ["running", "down"]);
  });
}

test("a defect is told with its stack, and the work is started again", async () => {
  const { waits, told } = await supervised({ run: () => Promise.reject(new TypeError("x is odd")) }, 1);
  assert.deepEqual(waits, [1000]);
  assert.match(told[0]!, /^ERROR defect: TypeError: x is odd\n +at /);
});

test("a stream that fails does not stop one that runs", async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  const around = { clock, random: () => 1, log: logOf(() => {}), stop: stop.signal, changed: () => {} };
  let events = 0;
  let failures = 0;
  const failing = supervise({
    ...around,
    run() {
      failures++;
      return away();
    },
  });
  const running = supervise({
    ...around,
    async run() {
      while (!stop.signal.aborted) {
        await clock.sleep(1000, stop.signal);
        if (++events === 50) stop.abort();
      }
    },
  });
  assert.deepEqual(await Promise.all([failing, running]), [undefined, undefined]);
  assert.equal(events, 50);
  assert.ok(failures > 2, `${failures} failures`);
});

test("work that ends by itself is over, and is not started again", async () => {
  const { outcome, waits, standings } = await supervised({ run: async () => {} });
  assert.equal(outcome, undefined);
  assert.deepEqual(waits, []);
  assert.deepEqual(standings, ["running", "over"]);
});
