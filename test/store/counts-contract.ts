import assert from "node:assert/strict";
import { secondOf } from "../../src/core/stream-time.ts";
import { type CountRule, DEFAULT_RULE } from "../../src/distribution/count-rule.ts";
import { HALF_LIFE_MS } from "../../src/distribution/decay.ts";
import { probabilitiesOf } from "../../src/distribution/probability.ts";
import { CountBatches } from "../../src/store/count-batches.ts";
import type { CountBatch, CountsCommitted, CountsReading, Store } from "../../src/store/store.ts";
import { NOON, promises } from "./contract.ts";

export interface CountedEvent {
  readonly key: string | null;
  readonly at: number;
  readonly t?: number;
  /** What its message says; without, it is no sample. */
  readonly words?: string;
}

export interface CountsOptions {
  readonly stream?: string;
  readonly writer?: string;
  readonly sequence?: number;
  readonly rule?: Partial<CountRule>;
}

let writers = 0;

/** Batches of events, as insert-distribution gathers them; ticks are events whose key is undefined. */
export function countBatches(
  events: readonly (CountedEvent | { readonly tick: number; readonly connected?: boolean })[],
  { stream = "rsvps", writer = `counter-${++writers}`, sequence = 1, rule = {} }: CountsOptions = {},
): CountBatch[] {
  let words: string | undefined;
  const show = () => ({ id: null, words, url: undefined, noun: "event" });
  const batches = new CountBatches(stream, { ...DEFAULT_RULE, ...rule }, show);
  for (const event of events) {
    if ("tick" in event) batches.tick(event.tick, event.connected ?? true);
    else {
      words = event.words;
      batches.event(event.key, event.t ?? event.at, event.at);
    }
  }
  return batches.take().map(({ batch }, i) => ({ ...batch, writer, sequence: sequence + i }));
}

/** Commits events in a batch of their own. */
export async function count(
  store: Store,
  events: Parameters<typeof countBatches>[0],
  options: CountsOptions = {},
): Promise<CountsCommitted> {
  const [batch, ...more] = countBatches(events, options);
  assert.ok(batch !== undefined && more.length === 0, "one batch");
  return store.commitCounts(batch);
}

export const countsOf = async (store: Store, stream = "rsvps"): Promise<CountsReading> => {
  const reading = await store.readCounts({ stream, seconds: 900, views: ["all", "recent"] });
  assert.ok(reading, "the stream is there");
  return reading;
};

const asObject = (weights: ReadonlyMap<string, number> | undefined) => Object.fromEntries(weights ?? []);
const recentOf = async (store: Store, key: string) => (await countsOf(store)).recent?.get(key) ?? Number.NaN;
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-12 * Math.abs(b);
const eventsOf = (keys: readonly (string | null)[], at: number) => keys.map((key) => ({ key, at }));

/** Every promise of the counts that can be seen from outside (DESIGN.md, section 4), on an empty store for each. */
export function countsContract(name: string, open: () => Promise<Store>): void {
  const promise = promises(name, open);

  promise("no counts of a stream that only has gaps, and none of one that is not there", async (store) => {
    assert.deepEqual(await store.streams("counts"), []);
    assert.equal(await store.readCounts({ stream: "rsvps", seconds: 9, views: ["all"] }), undefined);
  });

  promise(
    "events count by category in both views, late ones too; only fresh ones by second",
    async (store) => {
      await count(store, [
        { key: "CA", at: NOON },
        { key: "CA", at: NOON + 10, t: NOON - 4990 },
        { key: "CA", at: NOON + 10, t: NOON - 4991 },
        { key: null, at: NOON + 20 },
        { key: "NY", at: NOON + 1020, t: NOON - 60_000 },
        { tick: NOON + 2000 },
      ]);
      const { all, recent, completed, newest, time } = await countsOf(store);
      assert.deepEqual(asObject(all), { CA: 3, NY: 1 });
      assert.deepEqual([...(recent ?? [])].map(([key]) => key).sort(), ["CA", "NY"]);
      const second = secondOf(NOON);
      assert.deepEqual(completed, [
        { second, connected: true, byKey: new Map([["CA", 2]]), rest: 1, late: 1, samples: [] },
        { second: second + 1, connected: true, byKey: new Map(), rest: 0, late: 1, samples: [] },
      ]);
      assert.deepEqual([newest, time], [NOON + 20, NOON + 2000]);
    },
  );

  promise(
    "what arrived behind stream time is told in the second that stream time is in, so that nobody misses it",
    async (store) => {
      const second = secondOf(NOON);
      await count(store, [{ key: "CA", at: NOON }, { tick: NOON + 3500 }, { key: "NY", at: NOON + 900 }]);
      await count(store, [{ tick: NOON + 4000 }]);
      const reading = await store.readCounts({ stream: "rsvps", seconds: 900, from: second + 3, views: [] });
      assert.deepEqual(
        reading?.completed.map(({ byKey }) => asObject(byKey)),
        [{ NY: 1 }],
      );
    },
  );

  promise("a reader gets the totals that it asks for and no others", async (store) => {
    await count(store, [{ key: "CA", at: NOON }]);
    for (const views of [[], ["all"], ["recent"], ["all", "recent"]] as const) {
      const reading = await store.readCounts({ stream: "rsvps", seconds: 0, views });
      assert.equal(
        reading?.all !== undefined,
        views.some((view) => view === "all"),
      );
      assert.equal(
        reading?.recent !== undefined,
        views.some((view) => view === "recent"),
      );
      assert.deepEqual(reading?.completed, []);
    }
  });

  promise("a batch that is sent again counts once, and tells again what it refused", async (store) => {
    const rule = { categoriesMax: 1 };
    const events = eventsOf(["a", "b", "b"], NOON);
    const [batch] = countBatches(events, { rule });
    assert.deepEqual(await store.commitCounts(batch!), { applied: true, before: undefined, refused: 2 });
    assert.deepEqual(await store.commitCounts(batch!), { applied: false, before: NOON, refused: 2 });
    await store.commitCounts({ ...batch!, sequence: 2 });
    assert.equal((await store.commitCounts({ ...batch!, sequence: 1 })).applied, false, "nor an older one");
    assert.deepEqual(asObject((await countsOf(store)).all), { a: 2 });
    await count(store, eventsOf(["a"], NOON));
    assert.deepEqual(
      asObject((await countsOf(store)).all),
      { a: 3 },
      "another writer's first is another batch",
    );
  });

  const textsIn = async (store: Store) =>
    (await countsOf(store)).completed.map(({ samples }) => samples.map(({ text }) => text).join(" "));

  promise(
    "samples are kept with their second, whatever they say, and none where there are none",
    async (store) => {
      const words = '😀 "东京" \\ \u2028';
      await count(store, [
        { key: "CA", at: NOON, words },
        { key: "NY", at: NOON + 1500 },
        { tick: NOON + 2000 },
      ]);
      const { completed } = await countsOf(store);
      assert.deepEqual(
        completed.map(({ samples }) => samples),
        [[{ key: "CA", id: null, text: words, url: null }], []],
      );
    },
  );

  promise("a second has three samples at most, the first ones, of all writers and batches", async (store) => {
    for (const words of ["a", "b", "c", "d"]) await count(store, [{ key: "CA", at: NOON, words }]);
    await count(store, [...eventsOf(["CA"], NOON), { tick: NOON + 1000 }]);
    assert.deepEqual(await textsIn(store), ["a b c"]);
    await count(store, [{ key: "CA", at: NOON + 1200, words: "e" }, { tick: NOON + 2000 }]);
    assert.deepEqual(await textsIn(store), ["a b c", "e"]);
  });

  promise("a batch that is sent again brings its samples once", async (store) => {
    const [batch] = countBatches([{ key: "CA", at: NOON, words: "a" }, { tick: NOON + 1000 }]);
    for (let i = 0; i < 3; i++) await store.commitCounts(batch!);
    assert.deepEqual(await textsIn(store), ["a"]);
  });

  promise(
    "recent halves in an hour of stream time, and by the square root of two in half of one",
    async (store) => {
      await count(
        store,
        eventsOf(
          Array.from({ length: 8 }, () => "CA"),
          NOON + 123,
        ),
      );
      assert.ok(near(await recentOf(store, "CA"), 8));
      await count(store, [{ tick: NOON + 123 + HALF_LIFE_MS / 2 }]);
      assert.ok(near(await recentOf(store, "CA"), 8 / Math.SQRT2));
      await count(store, [{ tick: NOON + 123 + HALF_LIFE_MS }]);
      assert.ok(near(await recentOf(store, "CA"), 4));
      await count(store, [{ key: "CA", at: NOON + 123 + 2 * HALF_LIFE_MS }]);
      assert.ok(near(await recentOf(store, "CA"), 3));
      assert.equal((await countsOf(store)).all?.get("CA"), 9);
    },
  );

  promise("over a month the landmark moves, and no probability jumps", async (store) => {
    // An event each 10 minutes, a batch each hour.
    const keys = ["CA", "NY", "CA", "TX", "NY", "CA", "FL"];
    const [step, batch, events] = [10 * 60_000, 6, 30 * 144];
    const eventAt = (i: number) => ({ key: keys[i % keys.length]!, at: NOON + i * step });
    // What is older than 70 half-lives is beneath what a double could tell.
    const memory = 70 * 6;
    for (let i = 0; i < events; i += batch) {
      const next = Array.from({ length: batch }, (_, k) => eventAt(i + k));
      await count(store, next, { writer: "month", sequence: i + 1 });
      const last = i + batch - 1;
      const exact = new Map(keys.slice(0, last + 1).map((key) => [key, 0]));
      for (let j = Math.max(0, last - memory); j <= last; j++) {
        const { key } = eventAt(j);
        exact.set(key, (exact.get(key) ?? 0) + 2 ** (((j - last) * step) / HALF_LIFE_MS));
      }
      const reading = await store.readCounts({ stream: "rsvps", seconds: 0, views: ["recent"] });
      const { recent } = reading!;
      const [got, expected] = [probabilitiesOf(recent!), probabilitiesOf(exact)];
      for (const key of exact.keys()) {
        assert.ok(near(got.of(key), expected.of(key)), `${key} after ${last} steps: ${got.of(key)}`);
      }
    }
  });

  promise("an event that is stamped a day ahead weighs nothing extra and moves no time", async (store) => {
    await count(store, [
      { key: "CA", at: NOON },
      { key: "NY", at: NOON, t: NOON + 86_400_000 },
    ]);
    const { recent, time, newest } = await countsOf(store);
    assert.equal(recent?.get("NY"), recent?.get("CA"));
    assert.deepEqual([time, newest], [NOON, NOON]);
  });

  promise(
    "a replay that begins behind is added in its seconds, and weighs by its own time",
    async (store) => {
      await count(store, [{ key: "CA", at: NOON }]);
      await count(store, [{ key: "NY", at: NOON - 2 * HALF_LIFE_MS }]);
      await count(store, [{ key: "NY", at: NOON - 100 * HALF_LIFE_MS }]);
      const { recent, all, time } = await countsOf(store);
      assert.ok(near(recent!.get("NY")!, 0.25 + 2 ** -100));
      assert.deepEqual(asObject(all), { CA: 1, NY: 2 });
      assert.equal(time, NOON);
    },
  );

  promise("categories beyond the most there may be count as none, and are refused", async (store) => {
    const rule = { categoriesMax: 2 };
    assert.equal((await count(store, eventsOf(["a", "b", "c", "c", null], NOON), { rule })).refused, 2);
    assert.equal((await count(store, eventsOf(["d", "a"], NOON + 1), { rule })).refused, 1);
    await count(store, [{ tick: NOON + 1000 }]);
    const { all, recent, completed } = await countsOf(store);
    assert.deepEqual(asObject(all), { a: 2, b: 1 });
    assert.equal(recent?.size, 2);
    assert.deepEqual([asObject(completed[0]?.byKey), completed[0]?.rest], [{ a: 2, b: 1 }, 4]);
  });

  promise("other takes what has no category of its own, and may always be added", async (store) => {
    const rule = { categoriesMax: 2, other: "other" };
    assert.equal((await count(store, eventsOf(["a", "b", "c", "d", null], NOON), { rule })).refused, 2);
    await count(store, eventsOf(["other", "a", "e"], NOON + 1), { rule });
    await count(store, [{ tick: NOON + 1000 }]);
    const { all, completed } = await countsOf(store);
    assert.deepEqual(asObject(all), { a: 2, b: 1, other: 4 });
    assert.deepEqual([asObject(completed[0]?.byKey), completed[0]?.rest], [{ a: 2, b: 1, other: 4 }, 1]);
  });

  promise("with keys only those are counted, the rest as other where it is asked for", async (store) => {
    const keys = new Set(["CA", "NY"]);
    await count(store, eventsOf(["CA", "ca", "TX", null], NOON), { stream: "plain", rule: { keys } });
    await count(store, eventsOf(["CA", "ca", "TX", null], NOON), { rule: { keys, other: "other" } });
    assert.deepEqual(asObject((await countsOf(store, "plain")).all), { CA: 1 });
    assert.deepEqual(asObject((await countsOf(store)).all), { CA: 1, other: 2 });
  });

  promise("counts are selective once keys, other or the most categories left an event out", async (store) => {
    const isSelective = async (stream: string) => (await countsOf(store, stream)).selective;
    const rules = { keys: { keys: new Set(["CA"]) }, other: { other: "other" }, most: { categoriesMax: 1 } };
    for (const [stream, rule] of Object.entries(rules)) {
      await count(store, eventsOf(["CA"], NOON), { stream });
      assert.equal(await isSelective(stream), false);
      await count(store, eventsOf(["CA", "NY"], NOON + 1), { stream, rule });
      assert.equal(await isSelective(stream), true, stream);
      await count(store, eventsOf(["CA"], NOON + 2), { stream });
      assert.equal(await isSelective(stream), true, `${stream}: what was left out stays left out`);
    }
  });

  promise("streams and branches are kept apart, whatever their names", async (store) => {
    const names = ["a}b", "{", "tea & {milk}", "Ä 東京", "", "rsvpulse:{x/0}:counts", "a/b", "%7B", "all"];
    for (const [i, stream] of names.entries()) {
      await count(store, eventsOf([`key ${i}`], NOON), { stream });
    }
    assert.deepEqual(await store.streams("counts"), [...names].sort());
    assert.deepEqual(await store.streams("gaps"), []);
    for (const [i, stream] of names.entries()) {
      assert.deepEqual(asObject((await countsOf(store, stream)).all), { [`key ${i}`]: 1 });
    }
  });

  promise("categories may have any name", async (store) => {
    const names = [
      "__proto__",
      "=",
      "late",
      "rest",
      "blind",
      "fresh",
      "東京",
      "{}",
      "a\nb",
      '"',
      "\\",
      "\u0000",
      "constructor",
      "0",
      " ",
      "/",
      "\u007f\u2028😀",
    ];
    await count(store, eventsOf(names, NOON));
    await count(store, [...eventsOf(names, NOON + 1), { tick: NOON + 1000 }]);
    const { all, recent, completed } = await countsOf(store);
    assert.deepEqual([...all!.keys()].sort(), [...names].sort());
    for (const weights of [all!, completed[0]!.byKey]) assert.ok([...weights.values()].every((n) => n === 2));
    assert.equal(recent?.size, names.length);
    assert.deepEqual([completed[0]?.rest, completed[0]?.late], [0, 0]);
  });

  promise(
    "seconds are told from the first one on, at most as many as were asked for, and none twice",
    async (store) => {
      await count(store, [
        { key: "a", at: NOON },
        { key: "a", at: NOON + 3500 },
      ]);
      const second = secondOf(NOON);
      const told = async (seconds: number, from?: number) =>
        (await store.readCounts({ stream: "rsvps", seconds, from, views: [] }))?.completed.map(
          (one) => one.second - second,
        );
      assert.deepEqual(await told(900), [0, 1, 2]);
      assert.deepEqual(await told(2), [1, 2]);
      assert.deepEqual(await told(900, second + 2), [2]);
      assert.deepEqual(await told(900, second + 3), []);
      await count(store, [{ tick: NOON + 86_400_000 }]);
      const late = await told(900);
      assert.deepEqual([late?.length, late?.at(-1)], [900, 86_399]);
      // More than a quarter of an hour is told as far as it is there; what is not kept is not made up.
      const most = (await told(5000))!;
      assert.ok(most.length >= 900 && most.length <= 3600, `${most.length}`);
      assert.equal(most.at(-1), 86_399);
    },
  );

  promise(
    "the seconds in which the source was not heard are blind, within a batch and between two",
    async (store) => {
      await count(store, [
        { tick: NOON },
        { tick: NOON + 2000, connected: false },
        { key: "a", at: NOON + 3000 },
      ]);
      await count(store, [{ tick: NOON + 4000 }, { tick: NOON + 6000 }]);
      await count(store, [{ tick: NOON + 7000, connected: false }]);
      const { completed, connected } = await countsOf(store);
      assert.equal(completed.map((second) => (second.connected ? "+" : "-")).join(""), "----++-");
      assert.equal(connected, false);
      assert.equal(completed[3]?.byKey.get("a"), 1, "what came all the same is told");
    },
  );

  promise(
    "after 60 days of silence a known category is improbable, not impossible, and counts go on",
    async (store) => {
      await count(store, eventsOf(["CA", "CA", "NY"], NOON));
      const later = NOON + 60 * 86_400_000;
      await count(store, eventsOf(["TX"], later));
      const { recent, all } = await countsOf(store);
      assert.deepEqual([recent?.get("CA"), recent?.size], [0, 3]);
      const { of, unknown } = probabilitiesOf(recent!);
      assert.ok(of("CA") > 0 && of("CA") < of("TX"));
      assert.ok(unknown > 0);
      assert.deepEqual(asObject(all), { CA: 2, NY: 1, TX: 1 });
      await count(store, eventsOf(["CA"], later + 1));
      assert.ok(near(await recentOf(store, "CA"), 1));
    },
  );

  promise("a batch far larger than a script likes is cut, and counts the same", async (store) => {
    const events = Array.from({ length: 60_000 }, (_, i) => ({ key: `k${i % 900}`, at: NOON + i * 10 }));
    const batches = countBatches(events);
    assert.ok(batches.length > 2);
    for (const batch of batches) await store.commitCounts(batch);
    await count(store, [{ tick: NOON + 600_000 }]);
    const { all, completed } = await countsOf(store);
    assert.equal(all?.size, 900);
    const [whole, seconds] = [[...all!.values()], completed.flatMap(({ byKey }) => [...byKey.values()])];
    for (const counts of [whole, seconds])
      assert.equal(
        counts.reduce((sum, n) => sum + n, 0),
        60_000,
      );
  });
}
