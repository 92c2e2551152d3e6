import assert from "node:assert/strict";
import type { Place } from "../../src/records/place.ts";
import type { CountBatch, GapBatch, Store } from "../../src/store/store.ts";
import { printed } from "../../src/store/trail.ts";
import { batchOf, NOON, promises } from "./contract.ts";

let writers = 0;

const place = (passed: number, cursor = String(passed)): Place => ({ cursor, passed });

const gapsAt = (at: number, options: Partial<GapBatch> = {}) => batchOf([{ at, micros: 1000 }], options);

/** A batch of so many events without a category, stamped one ms apart. */
function countsAt(at: number, events: number, options: Partial<CountBatch> = {}): CountBatch {
  const mark = { time: at, connected: true };
  const prints = Array.from({ length: events }, (_, i) => printed(Buffer.from(`${at}-${i}`), at + i, "1"));
  return {
    stream: "rsvps",
    writer: `counter-${++writers}`,
    sequence: 1,
    first: mark,
    last: mark,
    blind: [],
    landmark: NOON,
    newest: at,
    categories: new Map(),
    cells: new Map(),
    categoriesMax: 1000,
    other: undefined,
    selective: false,
    footprints: { passed: at, cursor: String(at), prints: Buffer.concat(prints) },
    ...options,
  };
}

/** Every promise of the store to runs that go on (DESIGN.md, section 9), on an empty store for each. */
export function resumeContract(name: string, open: () => Promise<Store>): void {
  const promise = promises(name, open);
  const passedOf = async (store: Store) => {
    const { gaps, counts } = await store.beginRun("rsvps");
    return [gaps.place?.passed, counts.place?.passed];
  };

  promise("an empty store has nothing to go on from, and counts the runs of each stream", async (store) => {
    const nothing = { known: false, place: undefined };
    assert.equal(await store.currentRun("rsvps"), 0);
    const { run, ...beginning } = await store.beginRun("rsvps");
    assert.ok(run > 0);
    assert.deepEqual(beginning, {
      gaps: { ...nothing, edge: undefined },
      counts: nothing,
      origin: undefined,
      lost: undefined,
      oldest: undefined,
    });
    const second = await store.beginRun("rsvps");
    assert.ok(second.run > run);
    assert.equal(await store.currentRun("rsvps"), second.run);
    assert.equal(await store.currentRun("photos"), 0);
  });

  promise("a batch of a run that is over is refused whole; one of no run never is", async (store) => {
    const { run } = await store.beginRun("rsvps");
    await store.commit(gapsAt(NOON, { run }));
    const next = await store.beginRun("rsvps");
    // Not as a store that is away, whose return one would wait for.
    const refused = { name: "ToolError", message: /another ingest has taken this stream over/ };
    await assert.rejects(store.commit(gapsAt(NOON, { run })), refused);
    await assert.rejects(store.commitCounts(countsAt(NOON, 1, { run })), refused);
    assert.equal((await store.read({ stream: "rsvps", seconds: 0 }))?.count, 1);
    assert.equal(await store.readCounts({ stream: "rsvps", seconds: 0, views: [] }), undefined);
    await store.commit(gapsAt(NOON));
    await store.commit(gapsAt(NOON, { run: next.run }));
    assert.equal((await store.read({ stream: "rsvps", seconds: 0 }))?.count, 3);
    await store.commit(gapsAt(NOON, { run, stream: "photos" }));
  });

  promise("a branch's place is committed with its data, and never goes back", async (store) => {
    await store.commit(gapsAt(NOON, { place: place(NOON, '"ä\\n"') }));
    const { gaps, counts } = await store.beginRun("rsvps");
    assert.deepEqual(gaps, { known: true, place: place(NOON, '"ä\\n"'), edge: undefined });
    assert.deepEqual(counts, { known: false, place: undefined });
    await store.commitCounts(countsAt(NOON, 1, { place: place(NOON + 0.125) }));
    await store.commit(gapsAt(NOON, { place: place(NOON - 1) }));
    await store.commit(gapsAt(NOON));
    assert.deepEqual(await passedOf(store), [NOON, NOON + 0.125]);
  });

  promise(
    "prints of the last gap's time are gathered; those of a later time take their place",
    async (store) => {
      const edgeOf = async () => (await store.beginRun("rsvps")).gaps.edge;
      await store.commit(gapsAt(NOON, { edge: { t: NOON, prints: '"a","b"' } }));
      await store.commit(gapsAt(NOON, { edge: { t: NOON, prints: '"a"' } }));
      assert.deepEqual(await edgeOf(), { t: NOON, prints: ["a", "b", "a"] });
      await store.commit(gapsAt(NOON, { edge: { t: NOON + 1, prints: '"c"' } }));
      await store.commit(gapsAt(NOON, { edge: { t: NOON, prints: '"d"' } }));
      assert.deepEqual(await edgeOf(), { t: NOON + 1, prints: ["c"] });
    },
  );

  promise("a batch that is sent again leaves no second footprint", async (store) => {
    const batch = countsAt(NOON, 3, { run: (await store.beginRun("rsvps")).run });
    await store.commitCounts(batch);
    assert.equal((await store.commitCounts(batch)).applied, false);
    assert.deepEqual(
      await store.trail("rsvps", batch.run!),
      [],
      "what the run itself counted is no news to it",
    );
    const [trail, ...more] = await store.trail("rsvps", 2);
    assert.deepEqual({ ...trail }, { ...batch.footprints, run: batch.run });
    assert.deepEqual(more, []);
  });

  promise("footprints are kept while a branch could ask for what came before them", async (store) => {
    const kept = async () => (await store.trail("rsvps", 99)).map(({ passed }) => passed - NOON);
    await store.commit(gapsAt(NOON));
    for (let second = 0; second <= 300; second += 50) {
      const at = NOON + second * 1000;
      await store.commitCounts(countsAt(at, 2, { place: place(at) }));
    }
    assert.equal(
      (await kept()).length,
      7,
      "the gaps are there and have no place yet: they could ask for all",
    );
    await store.commit(gapsAt(NOON, { place: place(NOON + 120_000) }));
    await store.commitCounts(countsAt(NOON + 301_000, 1, { place: place(NOON + 301_000) }));
    assert.deepEqual(await kept(), [100_000, 150_000, 200_000, 250_000, 300_000, 301_000]);
    assert.equal((await store.beginRun("rsvps")).lost, undefined, "nothing that is needed has gone");
  });

  promise("without the gaps, the counts' own place says which footprints are kept", async (store) => {
    for (const second of [0, 100, 200]) {
      const at = NOON + second * 1000;
      await store.commitCounts(countsAt(at, 1, { place: place(at) }));
    }
    // What was its place before a batch is known when that is stored.
    assert.deepEqual(
      (await store.trail("rsvps", 99)).map(({ passed }) => passed - NOON),
      [100_000, 200_000],
    );
  });

  promise("a store that lost its newest run takes it from who goes on", async (store) => {
    const { run } = await store.beginRun("rsvps");
    await store.commit(gapsAt(NOON, { run: run + 1000 }));
    assert.equal(await store.currentRun("rsvps"), run + 1000);
    await assert.rejects(store.commit(gapsAt(NOON, { run })), /another ingest/);
    assert.ok((await store.beginRun("rsvps")).run > run + 1000);
  });

  promise(
    "for want of room the oldest footprints go; behind the oldest place none has, overlap and all",
    async (store) => {
      const prints = Buffer.alloc(16 * 100_000);
      const many = (second: number) => {
        const cursor = second % 30 === 0 ? `"${second}"` : undefined;
        return countsAt(NOON, 0, { footprints: { passed: NOON + second * 1000, cursor, prints } });
      };
      await store.commit(gapsAt(NOON, { place: place(NOON) }));
      for (let second = 0; second <= 150; second += 10) await store.commitCounts(many(second));
      // Ten of 16 find room: those of the first 50 seconds are lost, and an overlap before 120 s none of them is missed.
      const { lost, oldest } = await store.beginRun("rsvps");
      assert.equal(lost, NOON + 50_000);
      assert.deepEqual(oldest, { cursor: '"120"', passed: NOON + 120_000 });
    },
  );

  promise("the first event with a place is kept, and no later one", async (store) => {
    await store.keepOrigin("rsvps", '{"t":1}');
    await store.keepOrigin("rsvps", '{"t":2}');
    assert.equal((await store.beginRun("rsvps")).origin, '{"t":1}');
    assert.equal((await store.beginRun("photos")).origin, undefined);
  });
}
