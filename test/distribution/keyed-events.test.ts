import assert from "node:assert/strict";
import { test } from "node:test";
import { Tally } from "../../src/core/tally.ts";
import { keyedEvents } from "../../src/distribution/keyed-events.ts";
import type { EventReaderOptions } from "../../src/records/event-reader.ts";

const LONG = "k".repeat(257);
const NOON = 1_489_924_800_000;

/** What was given for lines, the faults found, and the parts of the tally. */
function readAll(lines: readonly string[], options: EventReaderOptions = { stream: "s" }) {
  const given: unknown[] = [];
  const tally = new Tally("events");
  const reader = keyedEvents(
    options,
    {
      event: ({ t }, category) => given.push([t, category]),
      tick: ({ at }) => given.push(at),
    },
    tally,
  );
  const faults = lines.map((line) => reader.line(Buffer.from(line), 0, line.length));
  reader.end();
  const { events: _, read: _read, ...parts } = tally.facts();
  return { given, faults, parts };
}

test("events come with their category, ticks as they are; the rest is counted", () =>
  assert.deepEqual(
    readAll(['{"t":1,"key":"CA","event":{}}', '{"t":2,"event":{}}', '{"tick":3,"at":3}', '{"alert":"rate"}']),
    { given: [[1, "CA"], [2, null], 3], faults: Array(4).fill(undefined), parts: { ignored: 1 } },
  ));

test("half a character in a key becomes the replacement character, and whole ones stay", () => {
  const keys = ["\\ud83d", "a\\ude00b", "\\ud83d\\ude00", "\\u6771\\u4eac", "\\ufffd"];
  assert.deepEqual(readAll(keys.map((key) => `{"t":1,"key":"${key}","event":{}}`)).given, [
    [1, "\ufffd"],
    [1, "a\ufffdb"],
    [1, "😀"],
    [1, "東京"],
    [1, "\ufffd"],
  ]);
});

test("a raw message that waits is given when its turn comes, at the end too, however long its key", () => {
  const message = (hours: number, key: string) => `{"t":${NOON + hours * 3_600_000},"k":"${key}"}`;
  const paths = { time: { path: "t", unit: "ms" }, key: "k", id: undefined } as const;
  const { given, faults, parts } = readAll(
    [message(0, "CA"), message(2, LONG), message(2, "NY"), message(9, LONG)],
    { stream: "s", paths },
  );
  assert.deepEqual(given, [
    [NOON, "CA"],
    [NOON + 7_200_000, LONG],
    [NOON + 7_200_000, "NY"],
    [NOON + 32_400_000, LONG],
  ]);
  assert.deepEqual([faults, parts], [Array(4).fill(undefined), {}]);
});
