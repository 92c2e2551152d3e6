import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { logOf } from "../../src/core/log.ts";
import { DEFAULT_RULE } from "../../src/distribution/count-rule.ts";
import { BatchWriter, WAITING_BYTES_MAX } from "../../src/store/batch-writer.ts";
import { CountBatches } from "../../src/store/count-batches.ts";
import { GapBatches } from "../../src/store/gap-batches.ts";
import type { Unnumbered } from "../../src/store/gatherer.ts";
import { memoryStore } from "../../src/store/memory.ts";
import {
  type CountBatch,
  type CountsCommitted,
  type GapBatch,
  type Store,
  StoreAway,
} from "../../src/store/store.ts";
import { NOON } from "./contract.ts";

/** A memory store that can be away, and whose batches may arrive though their answers do not. */
function fickleStore() {
  const memory = memoryStore({ elapsed: () => 0 });
  const state = { away: false, answerLost: false, batches: [] as { sequence: number; count: number }[] };
  const store: Store = {
    ...memory,
    async commit(batch) {
      if (state.away) throw new StoreAway("gone");
      const committed = await memory.commit(batch);
      const count = [...batch.cells.values()].reduce((sum, cell) => sum + cell.count, 0);
      state.batches.push({ sequence: batch.sequence, count });
      if (state.answerLost) {
        state.answerLost = false;
        throw new StoreAway("closed");
      }
      return committed;
    },
  };
  return { state, store };
}

function writing(store: Store) {
  const said: string[] = [];
  const out: string[] = [];
  let stored = 0;
  const writer = new BatchWriter<Unnumbered<GapBatch>, GapBatches>({
    noun: "gaps",
    gather: (stream) => new GapBatches(stream, 120),
    commit: (batch, number) => store.commit({ ...batch, ...number }),
    clock: systemClock,
    log: logOf((_, message) => said.push(message)),
    stored(counts) {
      stored += counts["stored"] ?? 0;
    },
    release(lines) {
      out.push(...lines.map(String));
    },
  });
  // A test that fails must not leave one that waits for its store.
  after(() => writer.drain(0));
  return { writer, said, out, stored: () => stored };
}

test("what comes while a batch is on its way goes into the next one", async () => {
  const { state, store } = fickleStore();
  const { writer, stored } = writing(store);
  for (let i = 0; i < 100; i++) {
    writer.of("s").gap(NOON, NOON, 1);
    writer.send();
  }
  assert.equal(await writer.drain(5), 0);
  assert.deepEqual(
    state.batches.map(({ count }) => count),
    [1, 99],
  );
  assert.equal(stored(), 100);
});

test("a batch whose answer was lost is sent again with its number and counts once", async () => {
  const { state, store } = fickleStore();
  const { writer, said } = writing(store);
  state.answerLost = true;
  writer.of("s").gap(NOON, NOON, 1);
  assert.equal(await writer.drain(5), 0);
  assert.deepEqual(state.batches[0], state.batches[1]);
  assert.equal((await store.read({ stream: "s", seconds: 0 }))?.count, 1);
  assert.match(
    said.join("\n"),
    /^the store is away \(closed\); its return is waited for\nthe store is back after/,
  );
});

test("lines wait for the store up to 64 MiB; then the input waits, and the log says for whom", async () => {
  const { state, store } = fickleStore();
  const { writer, said, out } = writing(store);
  state.away = true;
  const lines = Buffer.alloc(WAITING_BYTES_MAX / 4, "x");
  for (let i = 0; i < 3; i++) {
    writer.of("s").gap(NOON, NOON, 1);
    writer.keep(lines);
    writer.send();
    assert.equal(writer.room(), undefined);
  }
  writer.of("s").gap(NOON, NOON, 1);
  writer.keep(lines);
  writer.send();
  const room = writer.room();
  assert.ok(room !== undefined);
  assert.match(said.at(-1)!, /^the input waits for us, and we for the store: 4 records \(64 MiB\) wait$/);
  state.away = false;
  await room;
  assert.equal(writer.room(), undefined);
  assert.equal(await writer.drain(5), 0);
  assert.equal(out.join("").length, 4 * lines.length);
});

test("at the end a store that stays away is given up, with the number not stored", async () => {
  const { state, store } = fickleStore();
  const { writer } = writing(store);
  state.away = true;
  writer.of("s").gap(NOON, NOON, 1);
  writer.of("s").tick(NOON + 1000, true);
  assert.equal(await writer.drain(0.05), 2);
});

test("a stream that begins behind the store is told so, once", async () => {
  const { store } = fickleStore();
  const { writer, said } = writing(store);
  writer.of("s").gap(NOON, NOON + 60_000, 1);
  await writer.drain(5);
  assert.deepEqual(said, []);
  const second = writing(store);
  for (const after of [0, 1000]) {
    second.writer.of("s").gap(NOON, NOON + after, 1);
    await second.writer.drain(5);
  }
  assert.equal(second.said.length, 1);
  assert.match(second.said[0]!, /^stream s begins 60 s behind what the store holds/);
});

test("of batches that go together each is told when it is stored, and only the rest is not at a give-up", async () => {
  const counted: number[] = [];
  const memory = memoryStore({ elapsed: () => 0 });
  let commits = 0;
  const writer = new BatchWriter<Unnumbered<CountBatch>, CountBatches, CountsCommitted>({
    noun: "events",
    gather: (stream) => new CountBatches(stream, DEFAULT_RULE),
    async commit(batch, number) {
      if (++commits > 2) throw new StoreAway("gone");
      return memory.commitCounts({ ...batch, ...number });
    },
    clock: systemClock,
    log: logOf(() => {}),
    stored: (counts) => void counted.push(counts["counted"] ?? 0),
    release: () => assert.fail("not all is stored"),
  });
  const events = 60_000;
  for (let i = 0; i < events; i++) writer.of("s").event(`k${i % 997}`, NOON + i * 10, NOON + i * 10);
  writer.keep(Buffer.from("lines"));
  const unstored = await writer.drain(0.05);
  assert.equal(counted.length, 2);
  assert.ok(counted.every((count) => count > 0));
  assert.equal(unstored, events - counted[0]! - counted[1]!);
});
