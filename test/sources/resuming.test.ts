import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resume } from "../../src/sources/catalogue.ts";
import type { Told } from "../../src/sources/event-stream.ts";
import { resuming } from "../../src/sources/resuming.ts";

const NOW = 1_700_000_000_000;
function made(resume: Resume, told: Told = { lastEventId: undefined, leastWait: 0 }) {
  const url = "http://x.org/a?b=c";
  return resuming({
    source: { url, resume },
    headers: { me: "x" },
    told,
    now: () => NOW,
    elapsed: () => 0,
    missing() {},
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
  const places = made("last-event-id", { lastEventId: "ü", leastWait: 0 });
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
    const places = made(resume, { lastEventId, leastWait: 0 });
    const message = Buffer.from("{}");
    places.passed(NOW - 1000);
    places.sent(message, NOW - 1000);
    assert.equal(places.isRepeat(message), false, "outside an overlap");
    places.resumed();
    assert.deepEqual([places.isRepeat(message), places.isRepeat(message)], repeats, resume);
  }
});
