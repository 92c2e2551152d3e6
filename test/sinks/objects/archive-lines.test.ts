import assert from "node:assert/strict";
import { test } from "node:test";
import { logOf } from "../../../src/core/log.ts";
import { archiveIndex } from "../../../src/sinks/objects/archive-index.ts";
import { readArchive } from "../../../src/sinks/objects/archive-lines.ts";
import { batchKeeper } from "../../../src/sinks/objects/batch-keeper.ts";
import { folderObjects } from "../../../src/sinks/objects/folder.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scratchFolder } from "../../support/scratch.ts";

const BATCHES = 20;
const SECONDS = 1000;
const never = new AbortController().signal;

test("batches that overlap in great number are merged in order, and not opened anew for each second", async () => {
  const store = folderObjects(scratchFolder());
  const limits = { bytes: 1 << 20, age: 3600 };
  const keeper = batchKeeper({ store, limits, clock: fakeClock(), log: logOf(() => {}) });
  for (let second = 0; second < SECONDS; second++) {
    for (let i = 0; i < BATCHES; i++) {
      const t = (1_700_000_000 + second) * 1000 + ((i * 7) % BATCHES);
      keeper.push({ label: `l${i}`, id: null, t, bytes: Buffer.from(`{"t":${t}}`) });
    }
  }
  await keeper.keep(never);
  await keeper.end(never);
  const span = { from: 0, until: Number.POSITIVE_INFINITY };
  const { entries } = await archiveIndex(store, { prefix: "", span, giveUp: never });
  assert.equal(entries.length, BATCHES);

  let reads = 0;
  const counted = {
    ...store,
    read(...args: Parameters<typeof store.read>) {
      reads++;
      return store.read(...args);
    },
  };
  const times: number[] = [];
  const timeOf = (buffer: Buffer, start: number, end: number) =>
    (JSON.parse(buffer.toString("utf8", start, end)) as { t: number }).t;
  await readArchive({ store: counted, entries, span, timeOf, stop: never }, async (chunk) => {
    for (const line of chunk.toString().trimEnd().split("\n"))
      times.push((JSON.parse(line) as { t: number }).t);
  });
  assert.equal(times.length, BATCHES * SECONDS);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(reads <= BATCHES * 15, `${reads} reads`);
});
