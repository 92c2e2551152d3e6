import assert from "node:assert/strict";
import { test } from "node:test";
import { blindSeconds, HeardSeconds, HISTORY_SECONDS } from "../../src/core/stream-time.ts";

const mark = (seconds: number, connected: boolean) => ({ time: seconds * 1000, connected });

test("the time between two marks is blind when either says so", () => {
  assert.equal(blindSeconds(mark(1, true), mark(9, true)), undefined);
  assert.deepEqual(blindSeconds(mark(1, true), mark(3, false)), { from: 1, to: 2 });
  assert.deepEqual(blindSeconds(mark(1.5, false), mark(3.5, true)), { from: 1, to: 3 });
  assert.equal(blindSeconds(mark(3, false), mark(3, true)), undefined);
  assert.equal(blindSeconds(mark(3, false), mark(1, true)), undefined);
});

test("a blind hole of days is told for the last 15 minutes", () =>
  assert.deepEqual(blindSeconds(mark(0, false), mark(90_000, true)), {
    from: 90_000 - HISTORY_SECONDS,
    to: 89_999,
  }));

test("a mark from the past moves nothing", () => {
  const heard = new HeardSeconds();
  heard.mark(mark(10, true));
  assert.equal(heard.mark(mark(5, false)), false);
  assert.equal(heard.connected, true);
  assert.equal(heard.since, 10);
});

test("completed seconds begin where the stream began, where asked, or as far back as is kept", () => {
  const heard = new HeardSeconds();
  heard.mark(mark(10, true));
  const from = Number.NEGATIVE_INFINITY;
  assert.deepEqual(heard.completed(15_999, { from, max: 60 }), { begin: 10, end: 15 });
  assert.deepEqual(heard.completed(15_000, { from: 12, max: 60 }), { begin: 12, end: 15 });
  assert.deepEqual(heard.completed(15_000, { from, max: 2 }), { begin: 13, end: 15 });
  assert.deepEqual(heard.completed(9e6, { from, max: 1e6 }), { begin: 9000 - HISTORY_SECONDS, end: 9000 });
});

test("what was blind is let go of with its time", () => {
  const heard = new HeardSeconds();
  heard.markBlind({ from: 3, to: 6 });
  heard.forget(5);
  assert.deepEqual(
    [3, 4, 5, 6].map((second) => heard.isBlind(second)),
    [false, false, true, true],
  );
});

test("a later second that was blind first does not keep earlier ones", () => {
  const heard = new HeardSeconds();
  heard.markBlind({ from: 9, to: 9 });
  heard.markBlind({ from: 3, to: 4 });
  heard.forget(5);
  assert.deepEqual(
    [3, 4, 9].map((second) => heard.isBlind(second)),
    [false, false, true],
  );
});
