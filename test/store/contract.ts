import assert from "node:assert/strict";
import { test } from "node:test";
import { secondOf } from "../../src/core/stream-time.ts";
import { cellOf, type GapCell, mergeCells } from "../../src/rate/gap-window.ts";
import type { GapBatch, Reading, Store } from "../../src/store/store.ts";

/** 2017-03-19T12:00:00Z, ms. */
export const NOON = 1_489_924_800_000;
const TTL = 120;

export interface Gap {
  readonly at: number;
  readonly micros: number;
  readonly t?: number;
}

let writers = 0;

/** A batch of gaps; marks at its first and last. */
export function batchOf(gaps: readonly Gap[], options: Partial<GapBatch> = {}): GapBatch {
  const cells = new Map<number, GapCell>();
  for (const { at, micros, t } of gaps) {
    const second = secondOf(at);
    cells.set(second, mergeCells(cells.get(second), cellOf(t ?? at, micros)));
  }
  const times = gaps.map(({ at }) => at);
  const mark = (time: number) => ({ time, connected: true });
  return {
    stream: "rsvps",
    writer: `writer-${++writers}`,
    sequence: 1,
    ttl: TTL,
    first: mark(Math.min(...times)),
    last: mark(Math.max(...times)),
    cells,
    blind: [],
    ...options,
  };
}

/** A tick alone: stream time went on. */
export const tickAt = (time: number, connected: boolean, options: Partial<GapBatch> = {}): GapBatch =>
  batchOf([], { first: { time, connected }, last: { time, connected }, ...options });

const readingOf = async (store: Store, stream = "rsvps"): Promise<Reading> => {
  const reading = await store.read({ stream, seconds: 900 });
  assert.ok(reading, "the stream is there");
  return reading;
};
const window = ({ count, sumMicros, minMicros, maxMicros }: Reading) => ({
  count,
  sumMicros,
  minMicros,
  maxMicros,
});

/** Gives what tests a promise of a store, on one that is opened for it. */
export const promises =
  (name: string, open: () => Promise<Store>) => (title: string, check: (store: Store) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const store = await open();
      try {
        await check(store);
      } finally {
        await store.close();
      }
    });

/** Every promise of the gaps that can be seen from outside (DESIGN.md, section 4), on an empty store for each. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  const promise = promises(name, open);

  promise("an empty store knows no stream and reads nothing", async (store) => {
    assert.deepEqual(await store.streams("gaps"), []);
    assert.equal(await store.read({ stream: "rsvps", seconds: 60 }), undefined);
  });

  promise("a gap counts from its second until the window's first second has passed it", async (store) => {
    await store.commit(batchOf([{ at: NOON + 500, micros: 2_000_000 }]));
    assert.equal((await readingOf(store)).count, 1, "in the current second");
    await store.commit(tickAt(NOON + 120_999, true));
    assert.equal((await readingOf(store)).count, 1, "in the second that the window begins in");
    await store.commit(tickAt(NOON + 121_000, true));
    assert.equal((await readingOf(store)).count, 0, "no longer");
  });

  promise("the window tells count, sum and extremes in whole microseconds", async (store) => {
    await store.commit(
      batchOf([
        { at: NOON, micros: 1 },
        { at: NOON + 999, micros: 5 },
        { at: NOON + 1000, micros: 7 },
      ]),
    );
    await store.commit(batchOf([{ at: NOON + 1000, micros: 3 }]));
    const reading = await readingOf(store);
    assert.deepEqual(window(reading), { count: 4, sumMicros: 16, minMicros: 1, maxMicros: 7 });
    assert.equal(reading.newest, NOON + 1000);
    assert.equal(reading.ttl, TTL);
  });

  promise("a gap of no length counts too", async (store) => {
    await store.commit(batchOf([{ at: NOON, micros: 0 }]));
    assert.deepEqual(window(await readingOf(store)), { count: 1, sumMicros: 0, minMicros: 0, maxMicros: 0 });
  });

  promise("a batch that is sent again counts once, and the next one counts", async (store) => {
    const batch = batchOf([{ at: NOON, micros: 4 }]);
    assert.deepEqual(await store.commit(batch), { applied: true, before: undefined });
    assert.deepEqual(await store.commit(batch), { applied: false, before: NOON });
    await store.commit({ ...batch, sequence: 2 });
    assert.equal((await store.commit({ ...batch, sequence: 1 })).applied, false, "nor an older one");
    assert.equal((await readingOf(store)).count, 2);
  });

  promise("two writers with the same numbers do not shadow one another", async (store) => {
    await store.commit(batchOf([{ at: NOON, micros: 4 }]));
    await store.commit(batchOf([{ at: NOON, micros: 4 }]));
    assert.equal((await readingOf(store)).count, 2);
  });

  promise("stream time, the newest event and the connection never go back", async (store) => {
    await store.commit(tickAt(NOON + 60_000.25, false));
    await store.commit(batchOf([{ at: NOON, micros: 4, t: NOON - 1.5 }]));
    const reading = await readingOf(store);
    assert.equal(reading.time, NOON + 60_000.25);
    assert.equal(reading.connected, false);
    assert.equal(reading.newest, NOON - 1.5);
    assert.equal(reading.count, 1, "an older gap still counts in its second");
  });

  promise("streams are kept apart, whatever their names", async (store) => {
    const names = ["a}b", "{", "tea & {milk}", "Ä 東京", "", "rsvpulse:{x/0}:gaps", "a/b", "%7B"];
    for (const [i, stream] of names.entries()) {
      await store.commit(batchOf([{ at: NOON, micros: i }], { stream }));
    }
    assert.deepEqual(await store.streams("gaps"), [...names].sort());
    for (const [i, stream] of names.entries()) {
      assert.deepEqual(window(await readingOf(store, stream)), {
        count: 1,
        sumMicros: i,
        minMicros: i,
        maxMicros: i,
      });
    }
  });

  promise("completed seconds come with their events and the window at their end", async (store) => {
    const gaps = [
      { at: NOON + 100, micros: 10 },
      { at: NOON + 1100, micros: 20, t: NOON + 7 },
      { at: NOON + 1200, micros: 30 },
      { at: NOON + 3500, micros: 40 },
    ];
    await store.commit(batchOf(gaps, { ttl: 2 }));
    const { completed } = await readingOf(store);
    const second = secondOf(NOON);
    assert.deepEqual(completed, [
      { second, events: 1, connected: true, newest: NOON + 100, count: 1, sumMicros: 10 },
      { second: second + 1, events: 2, connected: true, newest: NOON + 1200, count: 3, sumMicros: 60 },
      { second: second + 2, events: 0, connected: true, newest: undefined, count: 2, sumMicros: 50 },
    ]);
    const last = await store.read({ stream: "rsvps", seconds: 1 });
    assert.deepEqual(last?.completed, completed.slice(2));
    const from = await store.read({ stream: "rsvps", seconds: 900, from: second + 1 });
    assert.deepEqual(from?.completed, completed.slice(1));
    assert.deepEqual((await store.read({ stream: "rsvps", seconds: 0 }))?.completed, []);
  });

  promise("at most 15 minutes of seconds are told, and none from before the stream began", async (store) => {
    await store.commit(batchOf([{ at: NOON, micros: 10 }]));
    await store.commit(tickAt(NOON + 10_000, true));
    assert.equal((await readingOf(store)).completed.length, 10);
    await store.commit(tickAt(NOON + 86_400_000, true));
    const { completed } = await readingOf(store);
    assert.equal(completed.length, 900);
    assert.equal(completed.at(-1)?.second, secondOf(NOON) + 86_399);
  });

  promise("the seconds between two batches are blind when either end says so", async (store) => {
    const connectedSeconds = async () => {
      const { completed } = await readingOf(store);
      return completed.map(({ connected }) => (connected ? "+" : "-")).join("");
    };
    await store.commit(tickAt(NOON, true));
    await store.commit(tickAt(NOON + 2000, true));
    await store.commit(tickAt(NOON + 4000, false));
    assert.equal(await connectedSeconds(), "++--");
    await store.commit(tickAt(NOON + 5500, true));
    await store.commit(tickAt(NOON + 7000, true));
    assert.equal(await connectedSeconds(), "++----+");
    await store.commit(
      tickAt(NOON + 9000, true, { blind: [{ from: secondOf(NOON) + 8, to: secondOf(NOON) + 8 }] }),
    );
    assert.equal(await connectedSeconds(), "++----++-");
  });

  promise("a hole of days is blind as far back as is told", async (store) => {
    await store.commit(tickAt(NOON, true));
    await store.commit(tickAt(NOON + 3 * 86_400_000, false));
    const { completed, connected } = await readingOf(store);
    assert.equal(connected, false);
    assert.equal(completed.filter((second) => second.connected).length, 0);
    assert.equal(completed.length, 900);
  });

  promise("a new length of the window holds at once", async (store) => {
    await store.commit(batchOf([{ at: NOON, micros: 10 }]));
    await store.commit(tickAt(NOON + 300_000, true));
    assert.equal((await readingOf(store)).count, 0);
    await store.commit(tickAt(NOON + 301_000, true, { ttl: 600 }));
    assert.deepEqual(window(await readingOf(store)), {
      count: 1,
      sumMicros: 10,
      minMicros: 10,
      maxMicros: 10,
    });
    assert.equal((await readingOf(store)).ttl, 600);
  });
}
