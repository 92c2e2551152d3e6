import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../src/core/clock.ts";
import { ToolError } from "../../src/core/errors.ts";
import { closeWords } from "../../src/sources/close-words.ts";
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

async function run(
  open: (clock: ReturnType<typeof sleepyClock>) => Open,
  sleepsMax: number,
  leastWait: () => number = () => 0,
) {
  const stop = new AbortController();
  const clock = sleepyClock(stop, sleepsMax);
  const journal: string[] = [];
  const error = await stayConnected({
    open: open(clock),
    stop: stop.signal,
    stall: 60,
    clock,
    random: () => 1,
    leastWait,
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

const CEILINGS = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
/** A source that is reached, and from then on answers otherwise. */
const reachedThen = (answer: () => AsyncIterable<Buffer>) => {
  let first = true;
  return () => async () => {
    const chunksOf = first ? chunks("x") : answer();
    first = false;
    return { chunks: chunksOf };
  };
};

test("under no status is a source asked sooner than the back-off says; 204 ends it, 401 and 403 let nobody in", async () => {
  for (let status = 100; status < 600; status++) {
    const { sleeps, error, journal } = await run(
      reachedThen(() => {
        throw new Refusal(status);
      }),
      CEILINGS.length,
    );
    if (status === 204) assert.deepEqual([sleeps, journal.at(-1), error], [[500], "ended", undefined]);
    else if (status === 401 || status === 403) assert.ok(error instanceof ToolError, String(status));
    else assert.deepEqual([sleeps, error], [CEILINGS, undefined], String(status));
  }
});

test("nor under any close code", async () => {
  for (let code = 1000; code < 5000; code += code < 1020 ? 1 : 250) {
    async function* closed(): AsyncIterable<Buffer> {
      yield Buffer.from("x");
      const { words, orderly } = closeWords(code, "");
      if (!orderly) throw new Error(words);
    }
    const { sleeps } = await run(reachedThen(closed), CEILINGS.length);
    assert.deepEqual(sleeps, CEILINGS, String(code));
  }
});

test("the source's own least wait is waited for when it is longer, and follows what the source says", async () => {
  let least = 3000;
  const { sleeps } = await run(
    reachedThen(() => {
      least += 1000;
      return chunks("x");
    }),
    6,
    () => least,
  );
  assert.deepEqual(sleeps, [3000, 4000, 5000, 6000, 8000, 16_000]);
});

test("a source that says at once that there is nothing, or answers with no stream, is told at once", async () => {
  for (const [status, words] of [
    [204, undefined],
    [200, "expected an answer of type text/event-stream, got text/html"],
  ] as const) {
    const { error, sleeps } = await run(
      () => async () => {
        throw new Refusal(status, 0, words);
      },
      9,
    );
    assert.ok(error instanceof ToolError && sleeps.length === 0);
    assert.match(error.message, words === undefined ? /answered 204 204$/ : /got text\/html 200$/);
  }
});

test("whatever comes, be it empty, is a sign of life, and a slow reader is no stall; then silence is one", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const stop = new AbortController();
    const clock = sleepyClock(stop, 1);
    const journal: string[] = [];
    let give = (_: Buffer) => {};
    let release = () => {};
    const next = (ending: AbortSignal) =>
      new Promise<Buffer>((resolve, reject) => {
        give = resolve;
        ending.addEventListener("abort", () => reject(new Error("aborted")));
      });
    async function* given(ending: AbortSignal): AsyncIterable<Buffer> {
      for (;;) yield await next(ending);
    }
    const over = stayConnected({
      open: async (ending) => ({ chunks: given(ending) }),
      ...{ stop: stop.signal, stall: 60, clock, random: () => 1 },
      unreachable: (reason) => new ToolError("unavailable", reason),
      handlers: {
        connected: () => void journal.push("connected"),
        chunk(chunk) {
          journal.push(chunk.toString());
          if (chunk.length === 0) return undefined;
          return new Promise<void>((resolve) => {
            release = resolve;
          });
        },
        disconnected: (reason) => void journal.push(reason),
        ended: () => {},
      },
    });
    const pass = async (seconds: number) => {
      await nextTurn();
      mock.timers.tick(seconds * 1000);
      await nextTurn();
    };
    await pass(50);
    give(Buffer.alloc(0));
    await pass(50);
    give(Buffer.from("x"));
    await pass(1_000_000);
    assert.deepEqual(journal, ["connected", "", "x"]);
    release();
    await pass(59);
    assert.equal(journal.length, 3);
    await pass(1);
    await over;
    assert.deepEqual(journal.slice(3), ["nothing came for 60 s"]);
  } finally {
    mock.timers.reset();
  }
});
