import assert from "node:assert/strict";
import { test } from "node:test";
import type { CountsReading } from "../../src/store/store.ts";
import { warmStarts } from "../../src/store/warm-starts.ts";

const reading = (fields: Partial<CountsReading>): CountsReading => ({
  time: 1000,
  connected: true,
  newest: 1000,
  stale: 0,
  completed: [],
  all: undefined,
  recent: undefined,
  ...fields,
});
const weights = (...entries: [string, number][]) => new Map(entries);

test("each counted stream has its counts, as of its own time; nothing stored is nothing", async () => {
  const readings = new Map([
    ["a", reading({ all: weights(["CA", 9], ["__proto__", 1]), recent: weights(["CA", 4.5]) })],
    ["b", reading({ time: 2000, all: weights(["NY", 1]), recent: weights(["NY", 1]) })],
  ]);
  const starts = await warmStarts({
    streams: async () => ["a", "b", "gone"],
    readCounts: async ({ stream }) => readings.get(stream),
  });
  assert.deepEqual([...starts.keys()], ["a", "b"]);
  assert.equal(starts.get("b")!.time, 2000);
  assert.deepEqual(
    [...starts.get("a")!.counts],
    [
      ["CA", { all: 9, recent: 4.5 }],
      ["__proto__", { all: 1, recent: 0 }],
    ],
  );
});
