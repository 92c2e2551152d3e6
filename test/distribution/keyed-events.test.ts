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

test("a key of 256 characters is a category, a longer one is a bad line", () => {
  const { given, faults } = readAll([
    `{"t":1,"key":"${LONG}","event":{}}`,
    `{"t":2,"key":"${LONG.slice(1)}","event":{}}`,
  ]);
  assert.deepEqual(given, [[2, LONG.slice(1)]]);
  assert.deepEqual(faults, ["expected a key of at most 256 characters, got 257", undefined]);
});

test("a raw message that waits is judged when its turn comes, at the end too", () => {
  const message = (hours: number, key: string) => `{"t":${NOON + hours * 3_600_000},"k":"${key}"}`;
  const paths = { time: { path: "t", unit: "ms" }, key: "k", id: undefined } as const;
  const { given, faults, parts } = readAll(
    [message(0, "CA"), message(2, LONG), message(2, "NY"), message(9, LONG)],
    { stream: "s", paths },
  );
  assert.deepEqual(given, [
    [NOON, "CA"],
    [NOON + 7_200_000, "NY"],
  ]);
  assert.equal(faults.filter((fault) => fault !== undefined).length, 1);
  assert.deepEqual(parts, { bad: 1 });
});
