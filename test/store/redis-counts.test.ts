import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CountedSecond } from "../../src/distribution/counts.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { redisStore } from "../../src/store/redis.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { redisLink } from "../../src/store/redis-link.ts";
import type { Store } from "../../src/store/store.ts";
import { redisServer } from "../support/redis-server.ts";
import { NOON } from "./contract.ts";
import { count, countBatches, countsContract, countsOf } from "./counts-contract.ts";

const server = await redisServer();
const emptyStore = async () => {
  await server.command("FLUSHALL");
  return redisStore(redisLink(parseRedisAddress(server.url)));
};

countsContract("redis", emptyStore);

const HOUR = 3_600_000;
const record = () =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        key: fc.option(fc.constantFrom("a", "b", "c", "d", "other", "__proto__"), { nil: null }),
        // From neighbours in a second to weeks apart, so that the landmark moves, forwards and back.
        at: fc.oneof(
          fc.integer({ min: 0, max: 8000 }).map((quarters) => NOON + quarters / 4),
          fc.integer({ min: -200, max: 2000 }).map((hours) => NOON + hours * HOUR),
        ),
        t: fc.integer({ min: -20_000, max: 20_000 }).map((ms) => NOON + ms),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        tick: fc.integer({ min: 0, max: 900_000 }).map((ms) => NOON + ms),
        connected: fc.boolean(),
      }),
    },
  );

test("memory and redis give the same counts to the bit after any batches, some of them sent twice", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          records: fc.array(record(), { minLength: 1, maxLength: 12 }),
          again: fc.boolean(),
          other: fc.boolean(),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      fc.integer({ min: 1, max: 5 }),
      async (story, categoriesMax) => {
        const stores = [memoryStore({ elapsed: () => 0 }), await emptyStore()] as const;
        let sequence = 1;
        for (const { records, again, other } of story) {
          const rule = { categoriesMax, other: other ? "other" : undefined };
          for (const batch of countBatches(records, { writer: "one", sequence, rule })) {
            sequence++;
            for (let times = again ? 2 : 1; times > 0; times--) {
              const [memory, redis] = [
                await stores[0].commitCounts(batch),
                await stores[1].commitCounts(batch),
              ];
              assert.deepEqual(redis, memory);
            }
          }
        }
        const [memory, redis] = [await countsOf(stores[0]), await countsOf(stores[1])];
        assert.deepEqual({ ...redis, stale: 0 }, { ...memory, stale: 0 });
        await stores[1].close();
      },
    ),
    { numRuns: 150 },
  ));

test("redis: every key of the counts expires, but for the known categories and their plain counts", async () => {
  const store = await emptyStore();
  await count(
    store,
    [
      { key: "CA", at: NOON },
      { key: null, at: NOON + 2000 },
      { tick: NOON + 5000, connected: false },
    ],
    { stream: "a}b" },
  );
  await count(store, [{ tick: NOON + 7000 }], { stream: "a}b" });
  const keys = (await server.command("KEYS", "*")).match(/rsvpulse:\S*/g) ?? [];
  assert.ok(keys.length > 8);
  const kept = [];
  for (const key of keys) {
    const ttl = Number(/:(-?\d+)/.exec(await server.command("TTL", key))?.[1]);
    if (ttl === -1) kept.push(key.replace("rsvpulse:{a%7Db/0}:counts:", ""));
    else assert.ok(ttl >= 3500, `${key} expires in ${ttl} s`);
    if (key !== "rsvpulse:streams") assert.match(key, /^rsvpulse:\{a%7Db\/0\}:counts/);
  }
  assert.deepEqual(kept.sort(), ["all", "known", "names", "rsvpulse:streams"]);
  await store.close();
});

test("redis: known categories outlive a month without a commit; what was recent is forgotten", async () => {
  const store = await emptyStore();
  await count(store, [{ key: "CA", at: NOON }]);
  await server.command("DEL", "rsvpulse:{rsvps/0}:counts", "rsvpulse:{rsvps/0}:counts:recent");
  assert.equal(await store.readCounts({ stream: "rsvps", seconds: 0, views: ["all"] }), undefined);
  await count(store, [{ key: "NY", at: NOON + HOUR }]);
  const { all, recent } = await countsOf(store);
  assert.deepEqual(
    [...all!],
    [
      ["CA", 1],
      ["NY", 1],
    ],
  );
  assert.deepEqual([recent?.get("CA"), Math.round(recent!.get("NY")! * 1e9)], [0, 1e9]);
  await store.close();
});

/** A store that counted two categories, and then lost keys of its totals. */
async function without(...lost: string[]) {
  const store = await emptyStore();
  await count(store, [
    { key: "CA", at: NOON },
    { key: "CA", at: NOON },
    { key: "Ä\n", at: NOON },
  ]);
  await count(store, [{ tick: NOON + 1000 }]);
  await countsOf(store);
  const reply = await server.command("DEL", ...lost.map((key) => `rsvpulse:{rsvps/0}:counts:${key}`));
  assert.match(reply, new RegExp(`:${lost.length}`));
  return store;
}
const totalsOf = async (store: Store) => {
  const { all, recent, completed } = await countsOf(store);
  assert.deepEqual([...recent!.keys()].sort(), [...all!.keys()].sort());
  const [{ byKey, rest }] = completed as [CountedSecond];
  return { all: Object.fromEntries(all!), first: Object.fromEntries(byKey), rest };
};

test("redis: without the names no category is told, above all none called undefined; the next batch finds them again", async () => {
  const store = await without("names");
  assert.deepEqual(await totalsOf(store), { all: {}, first: {}, rest: 3 });
  await count(store, [{ key: "NY", at: NOON + 2000 }]);
  const first = { CA: 2, "Ä\n": 1 };
  assert.deepEqual(await totalsOf(store), { all: { ...first, NY: 1 }, first, rest: 0 });
  await count(store, [{ key: "CA", at: NOON + 3000 }]);
  assert.equal((await countsOf(store)).all?.get("CA"), 3);
  await store.close();
});

test("redis: without the known categories counts begin anew, and no count passes to another name", async () => {
  for (const lost of [["known"], ["known", "names", "all", "recent"]]) {
    const store = await without(...lost);
    await count(store, [{ tick: NOON + 1500 }]);
    assert.deepEqual(await totalsOf(store), { all: {}, first: {}, rest: 3 });
    await count(store, [{ key: "NY", at: NOON + 2000 }]);
    await count(store, [
      { key: "TX", at: NOON + 3000 },
      { key: "NY", at: NOON + 3000 },
    ]);
    assert.deepEqual(await totalsOf(store), { all: { NY: 2, TX: 1 }, first: {}, rest: 3 });
    await store.close();
  }
});

test("redis: without all or recent alone its numbers begin anew, under the same names", async () => {
  for (const [key, all] of Object.entries({ all: { CA: 1, "Ä\n": 0 }, recent: { CA: 3, "Ä\n": 1 } })) {
    const store = await without(key);
    await count(store, [{ key: "CA", at: NOON + 2000 }]);
    assert.deepEqual(await totalsOf(store), { all, first: { CA: 2, "Ä\n": 1 }, rest: 0 });
    await store.close();
  }
});

test("redis: a reading takes as many commands after many events as after few, and no KEYS or SCAN", async () => {
  const store = await emptyStore();
  const cost = async (events: number, categories: number) => {
    await server.command("FLUSHALL");
    const keys = Array.from({ length: events }, (_, i) => ({
      key: `k${i % categories}`,
      at: NOON + (i * 60_000) / events,
    }));
    for (const batch of countBatches([...keys, { tick: NOON + 60_000 }])) await store.commitCounts(batch);
    await server.command("CONFIG", "RESETSTAT");
    await countsOf(store);
    const stats = await server.command("INFO", "commandstats");
    assert.doesNotMatch(stats, /cmdstat_(keys|scan|hscan|sscan|zscan|hgetall)/);
    const calls = [...stats.matchAll(/cmdstat_\w+:calls=(\d+)/g)].map(([, calls]) => Number(calls));
    return calls.reduce((sum, n) => sum + n, 0);
  };
  const few = await cost(100, 10);
  assert.equal(await cost(50_000, 1000), few);
  assert.ok(few < 75, `${few} commands for 60 seconds and both views`);
  await store.close();
});

test("redis: a reader learns of new categories, and of a store that was emptied and filled anew", async () => {
  const store = await emptyStore();
  for (const keys of [["a"], ["b", "c"]]) {
    for (const key of keys) await count(store, [{ key, at: NOON }]);
    assert.deepEqual([...(await countsOf(store)).all!.keys()].sort(), keys);
    await server.command("FLUSHALL");
  }
  await store.close();
});
