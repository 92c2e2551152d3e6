import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resume } from "../../src/sources/catalogue.ts";
import { goOnAt, type ResumingOptions, resuming } from "../../src/sources/resuming.ts";

const NOW = 1_700_000_000_000;
function made(resume: Resume, options: Partial<ResumingOptions> = {}) {
  return resuming({
    source: { url: "http://x.org/a?b=c", resume },
    headers: { me: "x" },
    told: { lastEventId: undefined, leastWait: 0 },
    now: () => NOW,
    elapsed: () => 0,
    missing() {},
    ...options,
  });
}
const begun = { address: "http://x.org/a?b=c", headers: { me: "x" } };

test("before anything has come, nothing is asked for", () => {
  for (const resume of ["since_mtime", "cursor", "last-event-id", "none"] as const) {
    assert.deepEqual(made(resume).request(), begun);
    assert.equal(made(resume).cursor(), undefined);
  }
});

test("since_mtime asks for a minute before the newest, but not for what came before the first", () => {
  const places = made("since_mtime");
  places.passed(NOW - 30_000.5);
  assert.match(places.request().address, /\?b=c&since_mtime=1699999969999$/);
  places.passed(NOW - 100_000);
  places.passed(NOW - 20_000);
  assert.match(places.request().address, /since_mtime=1699999920000$/);
  assert.equal(places.cursor(), NOW - 20_000);
});

test("what is dated ahead of the clock does not make it ask for less", () => {
  const places = made("since_mtime");
  places.passed(NOW - 500_000);
  places.passed(NOW + 30_000);
  assert.match(places.request().address, /since_mtime=1699999940000$/);
});

test("a cursor is in microseconds, exact, and is asked for five seconds less", () => {
  const places = made("cursor");
  places.passed(NOW - 60_000);
  places.passed(NOW - 1000 + 0.433);
  assert.equal(places.cursor(), 1_699_999_999_000_433);
  assert.match(places.request().address, /\?b=c&cursor=1699999994000433$/);
});

test("the id of the last event goes into a header as UTF-8", () => {
  const places = made("last-event-id", { told: { lastEventId: "ü", leastWait: 0 } });
  assert.deepEqual(places.request(), { ...begun, headers: { me: "x", "last-event-id": "\u00c3\u00bc" } });
  assert.equal(places.cursor(), "ü");
});

test("after a resumption what was sent is a repeat, once; where nothing was asked for, never", () => {
  for (const [resume, lastEventId, repeats] of [
    ["since_mtime", undefined, [true, false]],
    ["cursor", undefined, [true, false]],
    ["last-event-id", "7", [true, false]],
    ["last-event-id", undefined, [false, false]],
    ["none", undefined, [false, false]],
  ] as const) {
    const places = made(resume, { told: { lastEventId, leastWait: 0 } });
    const message = Buffer.from("{}");
    places.passed(NOW - 1000);
    places.sent(message, NOW - 1000);
    assert.equal(places.isRepeat(message), false, "outside an overlap");
    places.request();
    places.resumed();
    assert.deepEqual([places.isRepeat(message), places.isRepeat(message)], repeats, resume);
  }
});

test("a run goes on an overlap before what an earlier one had passed, or behind its id", () => {
  const passed = NOW - 300_000 + 0.125;
  const mtime = made("since_mtime", { goOn: { after: 1, passed } });
  assert.match(mtime.request().address, /since_mtime=1699999640000$/);
  assert.equal(mtime.since, 1_699_999_640_000);
  const cursor = made("cursor", { goOn: { after: 1, passed } });
  assert.match(cursor.request().address, /cursor=1699999695000125$/);
  assert.equal(cursor.since, 1_699_999_695_000.125);
  const id = made("last-event-id", { goOn: { after: "ü", passed } });
  assert.deepEqual(id.request().headers, { me: "x", "last-event-id": "\u00c3\u00bc" });
  assert.equal(id.since, undefined);
});

test("what the source no longer has is told, once, by the first message after a loss", () => {
  const told: [number, number][] = [];
  const missing = (from: number, to: number) => void told.push([from - NOW, to - NOW]);
  const after = (resume: Resume, times: readonly number[]) => {
    told.length = 0;
    const goOn = { after: resume === "last-event-id" ? "7" : 1, passed: NOW };
    const places = made(resume, { goOn, missing });
    for (const t of times) places.passed(NOW + t);
    return [...told];
  };
  assert.deepEqual(after("since_mtime", [1, 2]), [[0, 1]], "it was asked for a minute of what we have, too");
  assert.deepEqual(after("since_mtime", [-10, 5000]), []);
  assert.deepEqual(after("cursor", [0, 5000]), []);
  assert.deepEqual(after("last-event-id", [60_000, 500_000]), [], "nothing may have happened for a minute");
  assert.deepEqual(after("last-event-id", [60_001, 500_000]), [[0, 60_001]]);
  assert.deepEqual(made("since_mtime", { missing }).passed(NOW), undefined);
  assert.equal(told.length, 1, "who begins with what is live misses nothing");
});

test("what was there before the stream's first event is none of it, until that comes", () => {
  const places = made("since_mtime", { goOn: { after: 1, passed: NOW - 5000, begun: NOW - 10_000 } });
  const isBefore = (ms: number) => places.isBeforeAll(NOW + ms);
  assert.deepEqual([-60_000, -10_001, -10_000, -10_001].map(isBefore), [true, true, false, false]);
  places.resumed();
  assert.deepEqual([-10_001, -9000, -10_001].map(isBefore), [true, false, false], "it is asked for again");
  const byId = made("last-event-id", { goOn: { after: "1", passed: NOW, begun: NOW } });
  assert.equal(byId.isBeforeAll(NOW - 1), false);
});

test("a place of another kind of source is of no use", () => {
  const begun = NOW - 1;
  const place = { cursor: '"7"', passed: NOW };
  assert.deepEqual(goOnAt({ place, begun }, "last-event-id"), { after: "7", passed: NOW, begun });
  assert.equal(goOnAt({ place, begun }, "since_mtime"), undefined);
  assert.equal(goOnAt({ place, begun }, "none"), undefined);
  const time = { ...place, cursor: "7" };
  assert.deepEqual(goOnAt({ place: time, begun }, "cursor"), { after: 7, passed: NOW, begun });
  assert.equal(goOnAt({ place: time, begun }, "last-event-id"), undefined);
  assert.equal(goOnAt({ place: undefined, begun }, "cursor"), undefined);
});
