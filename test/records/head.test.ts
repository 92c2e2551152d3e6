import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eventPrefixes } from "../../src/records/event.ts";
import { gapFormatter } from "../../src/records/gap.ts";
import { headReader } from "../../src/records/head.ts";
import { formatTick } from "../../src/records/tick.ts";

const reader = headReader(["event", "tick", "gap"]);

/** Reads a line; its head and what was said of it. */
function read(line: string, kinds = reader) {
  const bytes = Buffer.from(`${line}\n`);
  const outcome = kinds.read(bytes, 0, bytes.length - 1);
  return { outcome, ...kinds.head };
}

const times = fc.oneof(fc.integer({ min: 0, max: 2e12 }), fc.constant(1783170000123.456));
const names = fc.oneof(fc.constant("meetup-rsvps"), fc.string(), fc.string({ unit: "grapheme" }));

test("heads survive writing and reading, whatever the names", () =>
  fc.assert(
    fc.property(times, times, names, fc.double({ min: 0, max: 1e6, noNaN: true }), (t, at, stream, diff) => {
      const gap = read(gapFormatter(stream)({ t, at, diff }).trimEnd());
      assert.deepEqual(
        [gap.outcome, gap.kind, gap.t, gap.at, gap.stream, gap.diff],
        ["ok", "gap", t, at, stream, diff],
      );
      const tick = read(formatTick({ tick: t, at, stream, connected: false }).trimEnd());
      assert.deepEqual(
        [tick.outcome, tick.kind, tick.t, tick.at, tick.connected],
        ["ok", "tick", t, at, false],
      );
      const event = read(
        `${eventPrefixes(stream)({ t, at, key: stream, id: stream })}{"tick":{"diff":[1]}}}`,
      );
      assert.deepEqual(
        [event.outcome, event.kind, event.t, event.at, event.stream],
        ["ok", "event", t, at, stream],
      );
    }),
  ));

test("the order of fields, spaces and unknown fields do not matter", () => {
  const { outcome, kind, t, at, stream } = read(
    ' { "event": {}, "mine": [1], "stream":"x", "at": 2e3, "t":1 } ',
  );
  assert.deepEqual([outcome, kind, t, at, stream], ["ok", "event", 1, 2000, "x"]);
});

test("only the mark and t are required", () => {
  const { outcome, t, at, stream } = read('{"diff":0.5,"t":7}');
  assert.deepEqual([outcome, t, at, stream], ["ok", 7, undefined, undefined]);
});

test("an object without a mark that is read is ignored", () => {
  assert.equal(read('{"avg":1,"t":1}').outcome, "ignored");
  assert.equal(read('{"t":1,"at":1,"stream":"x","diff":1}', headReader(["event"])).outcome, "ignored");
});

for (const line of [
  "garbage",
  "[1]",
  "1",
  "null",
  '{"t":"1","diff":1}',
  '{"t":1,"diff":-1}',
  '{"t":1,"diff":"1"}',
  '{"t":1,"event":3}',
  '{"tick":"x"}',
  '{"t":1,"at":"x","diff":1}',
  '{"t":1,"stream":3,"diff":1}',
  '{"event":{}}',
  '{"t":1,"at":1,"stream":"x","event":{',
]) {
  test(`${line} is bad`, () => assert.match(read(line).outcome, /^expected .*/));
}
