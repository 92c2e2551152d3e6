import assert from "node:assert/strict";
import { test } from "node:test";
import { secondOf } from "../../src/core/stream-time.ts";
import { DEFAULT_RULE } from "../../src/distribution/count-rule.ts";
import { HALF_LIFE_MS, LANDMARK_HALF_LIVES_MAX } from "../../src/distribution/decay.ts";
import { CountBatches } from "../../src/store/count-batches.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { NOON } from "./contract.ts";

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

test("nothing gathered is nothing to take, and a tick alone is a batch without events", () => {
  const batches = new CountBatches("s", DEFAULT_RULE);
  assert.deepEqual([batches.take(), batches.records, batches.bytes], [[], 0, 0]);
  batches.tick(NOON, false);
  assert.equal(batches.records, 1);
  const [gathered] = batches.take();
  assert.deepEqual(gathered?.counts, { counted: 0, unkeyed: 0, "left out": 0, refused: 0, ticks: 1 });
  assert.deepEqual(gathered?.batch.last, { time: NOON, connected: false });
  assert.deepEqual([gathered?.batch.newest, gathered?.batch.categories.size], [undefined, 0]);
  assert.deepEqual([batches.take(), batches.records, batches.bytes], [[], 0, 0]);
});

test("every record is in exactly one batch, and no batch is larger than a script likes", () => {
  const batches = new CountBatches("s", DEFAULT_RULE);
  for (let i = 0; i < 60_000; i++) {
    const at = NOON + i * 10;
    batches.event(i % 10 === 0 ? null : `k${i % 997}`, at, at);
  }
  assert.equal(batches.records, 60_000);
  assert.ok(batches.bytes > 1e6);
  const taken = batches.take();
  assert.ok(taken.length > 2);
  assert.equal(sum(taken.map(({ counts }) => counts["counted"]! + counts["unkeyed"]!)), 60_000);
  for (const [i, { batch, counts }] of taken.entries()) {
    const seconds = [...batch.cells.values()];
    assert.ok(batch.categories.size + batch.cells.size + sum(seconds.map(({ byKey }) => byKey.size)) <= 2010);
    assert.equal(sum([...batch.categories.values()].map(({ count }) => count)), counts["counted"]);
    assert.ok(batch.first.time >= (taken[i - 1]?.batch.last.time ?? 0), "stream time goes on");
    for (const { byKey } of seconds) for (const key of byKey.keys()) assert.ok(batch.categories.has(key));
  }
});

test("a batch ends before its weights span 64 half-lives, and batches give what single events give", async () => {
  const batches = new CountBatches("s", DEFAULT_RULE);
  const [whole, single] = [memoryStore({ elapsed: () => 0 }), memoryStore({ elapsed: () => 0 })];
  const alone = new CountBatches("s", DEFAULT_RULE);
  const commit = async (store: typeof whole, gatherer: CountBatches, from: number) => {
    let sequence = from;
    for (const { batch } of gatherer.take())
      await store.commitCounts({ ...batch, writer: "w", sequence: ++sequence });
    return sequence;
  };
  let sequence = 0;
  for (let hour = 0; hour < 300; hour += 7) {
    const at = NOON + hour * HALF_LIFE_MS;
    batches.event(`k${hour % 3}`, at, at);
    alone.event(`k${hour % 3}`, at, at);
    sequence = await commit(single, alone, sequence);
  }
  for (const { batch } of batches.take()) {
    assert.ok(batch.last.time - batch.landmark < LANDMARK_HALF_LIVES_MAX * HALF_LIFE_MS);
    assert.equal(batch.landmark % HALF_LIFE_MS, 0);
    await whole.commitCounts({ ...batch, writer: "w", sequence: ++sequence });
  }
  const request = { stream: "s", seconds: 900, views: ["all", "recent"] } as const;
  assert.deepEqual(await whole.readCounts(request), await single.readCounts(request));
});

test("what no reader could ask for is not kept while the store is away", () => {
  const batches = new CountBatches("s", DEFAULT_RULE);
  for (let i = 0; i < 50_000; i++) batches.event(`k${i % 50}`, NOON + i * 1000, NOON + i * 1000);
  const before = batches.bytes;
  batches.prune();
  assert.ok(batches.bytes < before / 10);
  const taken = batches.take();
  const kept = taken.flatMap(({ batch }) => [...batch.cells.keys()]);
  assert.deepEqual([kept.length, Math.min(...kept)], [901, secondOf(NOON) + 50_000 - 901]);
  assert.equal(
    sum(taken.flatMap(({ batch }) => [...batch.categories.values()].map(({ count }) => count))),
    50_000,
  );
});

test("an event that arrived earlier than others counts in the second of stream time, and weighs by it", () => {
  const batches = new CountBatches("s", DEFAULT_RULE);
  batches.event("a", NOON, NOON + HALF_LIFE_MS);
  batches.event("b", NOON, NOON + HALF_LIFE_MS - 10_000);
  batches.event(null, NOON + HALF_LIFE_MS - 11_000, NOON + HALF_LIFE_MS - 10_000);
  const { categories, cells, newest } = batches.take()[0]!.batch;
  assert.equal(categories.get("a")?.weight, categories.get("b")?.weight);
  assert.deepEqual(
    [...cells],
    [[secondOf(NOON + HALF_LIFE_MS), { byKey: new Map(), rest: 1, late: 2, samples: [] }]],
  );
  assert.equal(newest, NOON + HALF_LIFE_MS - 11_000);
});

test("each event has one part: counted, without a key, left out by the keys, or refused for its length", () => {
  const batches = new CountBatches("s", { ...DEFAULT_RULE, keys: new Set(["CA"]) });
  for (const key of ["CA", null, "NY", "k".repeat(257), "TX"]) batches.event(key, NOON, NOON);
  const [gathered] = batches.take();
  assert.deepEqual(gathered?.counts, { counted: 1, unkeyed: 1, "left out": 2, refused: 1, ticks: 0 });
  assert.deepEqual(gathered?.batch.cells.get(secondOf(NOON)), {
    byKey: new Map([["CA", 1]]),
    rest: 4,
    late: 0,
    samples: [],
  });
});

test("memory stays bounded after a record that is stamped 400 days ahead", () => {
  const batches = new CountBatches("s", DEFAULT_RULE);
  const ahead = NOON + 400 * 86_400_000;
  batches.event("a", ahead, ahead);
  for (let i = 0; i < 5000; i++) batches.event("a", NOON + i * 1000, NOON + i * 1000);
  assert.ok(batches.bytes < 1000, `${batches.bytes} bytes`);
});

const shown = (words?: string) => ({ id: null, words, url: undefined, noun: "event" });

test("samples are of fresh events, with the category they count under, else their key; only they are looked at", () => {
  let looks = 0;
  const show = () => shown(`event ${++looks}`);
  const rule = { ...DEFAULT_RULE, keys: new Set(["CA"]), other: "other" };
  const batches = new CountBatches("s", rule, show);
  const late = NOON - 6000;
  for (const [key, t] of [["CA", late], ["TX"], ["CA"], [null, late]] as const)
    batches.event(key, t ?? NOON, NOON);
  const long = new CountBatches("s", DEFAULT_RULE, show);
  long.event("k".repeat(300), NOON, NOON);
  const samplesOf = (from: CountBatches) => from.take()[0]!.batch.cells.get(secondOf(NOON))?.samples;
  assert.deepEqual(samplesOf(batches), [
    { key: "other", id: null, text: "event 1", url: null },
    { key: "CA", id: null, text: "event 2", url: null },
  ]);
  assert.equal(samplesOf(long)?.[0]?.key, `${"k".repeat(255)}…`);
  assert.equal(looks, 3);
});

test("an event that says nothing is no sample", () => {
  const batches = new CountBatches("s", DEFAULT_RULE, () => shown());
  batches.event("CA", NOON, NOON);
  assert.deepEqual(batches.take()[0]!.batch.cells.get(secondOf(NOON))?.samples, []);
});

test("what samples hold is told", () => {
  const [plain, batches] = [
    new CountBatches("s", DEFAULT_RULE),
    new CountBatches("s", DEFAULT_RULE, () => shown("a")),
  ];
  for (const one of [plain, batches])
    for (let i = 0; i < 96; i++) one.event("CA", NOON + i * 500, NOON + i * 500);
  assert.equal(batches.bytes - plain.bytes, 12 * (1024 + 128));
  const cells = [...batches.take()[0]!.batch.cells.values()];
  assert.equal(sum(cells.map(({ samples }) => samples.length)), 12);
  assert.equal(batches.bytes, 0);
});
