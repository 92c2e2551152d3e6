import assert from "node:assert/strict";
import { test } from "node:test";
import { type EventReaderOptions, eventReader } from "../../src/records/event-reader.ts";

/** What a reader gives for lines, each line in a buffer of its own that is overwritten afterwards. */
function readAll(lines: readonly string[], options: EventReaderOptions) {
  const given: unknown[] = [];
  const reader = eventReader(options, {
    event: ({ stream, t, at, key, id, line }) =>
      given.push({ stream, t, at, key: key(), id: id(), line: line().toString() }),
    tick: ({ stream, at, connected }) => given.push({ stream, at, connected }),
    ignored: () => given.push("ignored"),
    ahead: () => given.push("ahead"),
  });
  for (const line of lines) {
    const buffer = Buffer.from(line);
    const fault = reader.line(buffer, 0, buffer.length);
    if (fault !== undefined) given.push(fault);
    buffer.fill(0x20);
  }
  reader.end();
  return given;
}

const records = { stream: "mine" };

test("an event as ingest writes it gives its small fields and its line", () => {
  const line = '{"t":1,"at":2,"stream":"s","key":"Ö \u{1f300}","id":"7","event":{"a":1}}';
  assert.deepEqual(readAll([line], records), [
    { stream: "s", t: 1, at: 2, key: "Ö \u{1f300}", id: "7", line },
  ]);
});

test("an event written in another way gives the same", () => {
  const line = ' {"event": {}, "id": 7, "key": "C\\u0041", "t": 1}';
  assert.deepEqual(readAll([line], records), [{ stream: "mine", t: 1, at: 1, key: "CA", id: "7", line }]);
});

test("a key or id that is null, missing or empty is none", () => {
  const fields = ['"key":null,"id":null,', '"key":"","id":"",', "", '"key": null, "id": "",'];
  const lines = fields.map((text) => `{"t":1,"at":1,"stream":"s",${text}"event":{}}`);
  const keys = readAll(lines, records).map((event) => event as { key: unknown; id: unknown });
  for (const { key, id } of keys) assert.deepEqual([key, id], [null, null]);
});

test("a key that is no text is a fault", () =>
  assert.deepEqual(readAll(['{"t":1,"key":[1],"event":{}}'], records), ["expected a string or null in key"]));

test("ticks are given, other records ignored, and at follows the greatest t where it is missing", () =>
  assert.deepEqual(
    readAll(
      [
        '{"t":5,"stream":"s","event":{}}',
        '{"t":3,"stream":"s","event":{}}',
        '{"tick":9,"at":9,"stream":"s","connected":false}',
        '{"alert":"rate"}',
      ],
      records,
    ).map((item) => (typeof item === "object" ? (item as { at: number }).at : item)),
    [5, 5, 9, "ignored"],
  ));

test("a raw message gives key and id from its paths; one far ahead waits and keeps its own line", () => {
  const paths = { time: { path: "t", unit: "ms" }, key: "k", id: "i" } as const;
  const hour = 3_600_000;
  const raw = (t: number, k: string) => `{"t":${t},"k":"${k}","i":${t}}`;
  const event = (t: number, at: number, k: string) => ({
    stream: "mine",
    t,
    at,
    key: k,
    id: String(t),
    line: raw(t, k),
  });
  const lines = [
    raw(1, "a"),
    raw(24 * hour, "wild"),
    raw(2, "b"),
    raw(48 * hour, "c"),
    raw(48 * hour + 1, "d"),
  ];
  assert.deepEqual(readAll(lines, { stream: "mine", paths }), [
    event(1, 1, "a"),
    "ahead",
    event(2, 2, "b"),
    event(48 * hour, 48 * hour, "c"),
    event(48 * hour + 1, 48 * hour + 1, "d"),
  ]);
});
