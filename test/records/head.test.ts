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

test("a cursor, text or number, is passed over on the fast way and on the slow one alike", () => {
  const kinds = headReader(["event"]);
  for (const cursor of [
    7,
    1783175888085434,
    "",
    "a",
    '[{"topic":"x","offset":1}]',
    "\\",
    'ends in "',
    "ü\n",
  ]) {
    const head = { t: 1783175888085.434, at: 1783175888090, key: "k", id: "i", cursor };
    const line = `${eventPrefixes("s")(head)}{"a":"cursor"}}`;
    for (const text of [line, line.replace('{"t"', '{ "t"')]) {
      const bytes = Buffer.from(`${text}\n`);
      assert.equal(kinds.read(bytes, 0, bytes.length - 1), "ok", text);
      assert.deepEqual([kinds.head.t, kinds.key(), kinds.id()], [head.t, "k", "i"]);
    }
    assert.deepEqual(Object.keys(JSON.parse(line)), ["t", "at", "stream", "key", "id", "cursor", "event"]);
    assert.equal(JSON.parse(line).cursor, cursor);
  }
});

test("the fast way is taken for lines with a cursor, and for times in microseconds", () => {
  // Only the fast way does not look into the message: this one is no JSON.
  const broken = (head: object) => read(`${JSON.stringify(head).slice(0, -1)},"event":{oops}}`).outcome;
  const plain = { t: 1783175888085.434, at: 1, stream: "s", key: "k", id: "i" };
  assert.equal(broken(plain), "ok");
  assert.equal(broken({ ...plain, cursor: 1783175888085434 }), "ok");
  assert.equal(broken({ ...plain, cursor: '[{"a":"\\"}]' }), "ok");
  assert.notEqual(broken({ ...plain, cursor: null }), "ok");
});
