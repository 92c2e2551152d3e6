import assert from "node:assert/strict";
import { test } from "node:test";
import { GapBatches } from "../../src/store/gap-batches.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { NOON } from "./contract.ts";

/** The only batch that was gathered. */
const taken = (batches: GapBatches) => batches.take()[0]?.batch;

test("nothing gathered is nothing to take", () => {
  const batches = new GapBatches("s", 120);
  assert.deepEqual(batches.take(), []);
  batches.tick(NOON, true);
  assert.equal(taken(batches)?.cells.size, 0);
  assert.deepEqual(batches.take(), []);
});

test("stream time goes on over takes and never goes back", () => {
  const batches = new GapBatches("s", 120);
  batches.gap(NOON, NOON + 5000, 1);
  batches.take();
  batches.gap(NOON, NOON + 1000, 1);
  const batch = taken(batches);
  assert.equal(batch?.last.time, NOON + 5000);
  assert.deepEqual([...batch!.cells.keys()], [NOON / 1000 + 1]);
});

test("seconds without a connection join to ranges, the last 15 minutes of them", () => {
  const batches = new GapBatches("s", 120);
  const second = NOON / 1000;
  for (const [after, connected] of [
    [0, true],
    [2, false],
    [3, true],
    [6, true],
    [7.5, false],
  ] as const) {
    batches.tick(NOON + after * 1000, connected);
  }
  assert.deepEqual(taken(batches)?.blind, [
    { from: second, to: second + 2 },
    { from: second + 6, to: second + 7 },
  ]);
  batches.tick(NOON + 10_000, false);
  batches.tick(NOON + 86_400_000, false);
  assert.deepEqual(taken(batches)?.blind, [{ from: second + 85_500, to: second + 86_399 }]);
});

test("what no reader could ask for is not kept: memory does not grow with the span of a replay", () => {
  const batches = new GapBatches("s", 120);
  for (let second = 0; second < 5000; second++) batches.gap(NOON, NOON + second * 1000, 1);
  const cells = taken(batches)!.cells;
  assert.equal(cells.size, 120 + 900 + 1);
  assert.equal(Math.min(...cells.keys()), NOON / 1000 + 4999 - 1020);
});

test("a large gathering in pieces gives what it gives as one, and at no time a second without its gaps", async () => {
  const batches = new GapBatches("s", 86_400);
  for (let second = 0; second < 9000; second += 2) batches.gap(NOON, NOON + second * 1000 + 250, 7);
  const pieces = batches.take().map(({ batch }) => batch);
  assert.equal(pieces.length, 3);
  const [whole, parted] = [memoryStore({ elapsed: () => 0 }), memoryStore({ elapsed: () => 0 })];
  const cells = new Map(pieces.flatMap((piece) => [...piece.cells]));
  const [first, last] = [pieces[0]!.first, pieces[2]!.last];
  await whole.commit({ ...pieces[0]!, first, last, cells, writer: "w", sequence: 1 });
  for (const [i, piece] of pieces.entries()) {
    await parted.commit({ ...piece, writer: "w", sequence: i + 1 });
    const { completed } = (await parted.read({ stream: "s", seconds: 900 }))!;
    assert.ok(completed.every(({ second, events }) => events === (second % 2 === 0 ? 1 : 0)));
  }
  const request = { stream: "s", seconds: 900 };
  assert.deepEqual(await parted.read(request), await whole.read(request));
});
