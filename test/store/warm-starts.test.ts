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
  selective: false,
  ...fields,
});
const weights = (...entries: [string, number][]) => new Map(entries);

test("each counted stream has its counts, as of its own time; nothing stored is nothing, and a selection is no start", async () => {
  const readings = new Map([
    ["a", reading({ all: weights(["CA", 9], ["__proto__", 1]), recent: weights(["CA", 4.5]) })],
    ["part", reading({ all: weights(["CA", 9], ["other", 9]), recent: weights(["CA", 9]), selective: true })],
    ["b", reading({ time: 2000, all: weights(["NY", 1]), recent: weights(["NY", 1]) })],
  ]);
  const { starts, selective } = await warmStarts({
    streams: async () => ["a", "b", "gone", "part"],
    readCounts: async ({ stream }) => readings.get(stream),
  });
  assert.deepEqual([...starts.keys()], ["a", "b"]);
  assert.deepEqual([...selective], ["part"]);
  assert.equal(starts.get("b")!.time, 2000);
  assert.deepEqual(
    [...starts.get("a")!.counts],
    [
      ["CA", { all: 9, recent: 4.5 }],
      ["__proto__", { all: 1, recent: 0 }],
    ],
  );
});
