import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryStore } from "../../src/store/memory.ts";
import { redisStore } from "../../src/store/redis.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { redisLink } from "../../src/store/redis-link.ts";
import { type GapBatch, StoreAway } from "../../src/store/store.ts";
import { redisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { batchOf, NOON, storeContract, tickAt } from "./contract.ts";

const server = await redisServer(["--maxclients", "50"]);
const openStore = () => redisStore(redisLink(parseRedisAddress(server.url)));
const emptyStore = async () => {
  await server.command("FLUSHALL");
  return openStore();
};

storeContract("redis", emptyStore);

interface Step {
  readonly gaps: readonly { readonly at: number; readonly micros: number }[];
  readonly connected: boolean;
  readonly again: boolean;
}

const steps = (): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      gaps: fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 4_000_000 }).map((thousandths) => NOON + thousandths / 4),
          micros: fc.integer({ min: 0, max: 90_000_000 }),
        }),
        { minLength: 1, maxLength: 20 },
      ),
      connected: fc.boolean(),
      again: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );

test("memory and redis give the same reading after any batches, some of them sent twice", () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 2.5, 60, 600), steps(), async (ttl, story) => {
      const stores = [memoryStore({ elapsed: () => 0 }), await emptyStore()] as const;
      for (const [i, { gaps, connected, again }] of story.entries()) {
        const plain = batchOf(gaps, { writer: "one", sequence: i + 1, ttl });
        const batch: GapBatch = { ...plain, last: { ...plain.last, connected } };
        for (const store of stores) {
          await store.commit(batch);
          if (again) await store.commit(batch);
        }
      }
      for (const seconds of [0, 60, 900]) {
        const readings = await Promise.all(stores.map((store) => store.read({ stream: "rsvps", seconds })));
        const [memory, redis] = readings.map((reading) => ({ ...reading, stale: 0 }));
        assert.deepEqual(redis, memory);
      }
      await stores[1].close();
    }),
    { numRuns: 60 },
  ));

test("redis: stale is the time since stream time moved, by the server's clock", async () => {
  const store = await emptyStore();
  await store.commit(tickAt(NOON, true));
  const stale = async () => (await store.read({ stream: "rsvps", seconds: 0 }))?.stale ?? 0;
  await until("it grows", async () => (await stale()) > 0.05);
  await store.commit(tickAt(NOON, true));
  assert.ok((await stale()) > 0.05, "a batch that does not move stream time leaves it");
  await store.close();
});

test("redis: every key expires, but for the set of streams; all of a stream's carry one hash tag", async () => {
  const store = await emptyStore();
  await store.commit(batchOf([{ at: NOON, micros: 1 }], { stream: "a}b" }));
  await store.commit(tickAt(NOON + 5000, false, { stream: "a}b", ttl: 7200 }));
  const keys = (await server.command("KEYS", "*")).match(/rsvpulse:\S*/g) ?? [];
  assert.ok(keys.length > 7);
  for (const key of keys) {
    const ttl = Number(/:(-?\d+)/.exec(await server.command("TTL", key))?.[1]);
    if (key === "rsvpulse:streams") assert.equal(ttl, -1);
    else {
      assert.ok(ttl >= 3500, `${key} expires in ${ttl} s`);
      assert.match(key, /^rsvpulse:\{a%7Db\/0\}:gaps/);
    }
  }
  await store.close();
});

test("redis: a reading takes as many commands at 10,000 gaps a second as at 10, and no KEYS or SCAN", async () => {
  const store = await emptyStore();
  const cost = async (gaps: number) => {
    await server.command("FLUSHALL");
    for (let second = 0; second < 130; second++) {
      const cell = { count: gaps, sumMicros: gaps, minMicros: 1, maxMicros: 1, newest: NOON };
      const cells = new Map([[NOON / 1000 + second, cell]]);
      await store.commit(tickAt(NOON + second * 1000, true, { cells }));
    }
    await server.command("CONFIG", "RESETSTAT");
    const reading = await store.read({ stream: "rsvps", seconds: 60 });
    assert.equal(reading?.count, gaps * 121);
    const stats = await server.command("INFO", "commandstats");
    assert.doesNotMatch(stats, /cmdstat_(keys|scan|hscan|sscan|zscan)/);
    return Number(/cmdstat_hmget:calls=(\d+)/.exec(stats)?.[1]);
  };
  const few = await cost(10);
  assert.equal(await cost(10_000), few);
  assert.ok(few <= 185, `${few} hashes for a window of 121 seconds and 60 more`);
  await store.close();
});

test("redis: a server that is away, hangs or is full is StoreAway; a later call succeeds", async () => {
  const store = await emptyStore();
  const batch = batchOf([{ at: NOON, micros: 1 }]);
  await store.commit(batch);
  await server.stop();
  await assert.rejects(store.commit({ ...batch, sequence: 2 }), StoreAway);
  await assert.rejects(store.commit({ ...batch, sequence: 2 }), StoreAway);
  await server.start();
  await store.commit({ ...batch, sequence: 2 });
  server.pause();
  await assert.rejects(store.commit({ ...batch, sequence: 3 }), StoreAway);
  server.resume();
  await store.commit({ ...batch, sequence: 3 });
  await server.command("CONFIG", "SET", "maxmemory", "1");
  await assert.rejects(store.commit({ ...batch, sequence: 4 }), { name: "StoreAway", message: /^OOM/ });
  await server.command("CONFIG", "SET", "maxmemory", "0");
  await store.commit({ ...batch, sequence: 4 });
  assert.equal((await store.read({ stream: "rsvps", seconds: 0 }))?.count, 4, "each number once");
  await store.close();
});

test("redis: a database is used when it is there; one that is not is refused, not taken for database 0", async () => {
  const store = await emptyStore();
  await store.commit(tickAt(NOON, true));
  const of = (db: number) => redisStore(redisLink(parseRedisAddress(`${server.url}?db=${db}`)));
  const [second, none] = [of(1), of(99)];
  assert.deepEqual(await second.streams("gaps"), []);
  await assert.rejects(none.streams("gaps"), { kind: "unavailable", message: /DB index is out of range/ });
  await Promise.all([second.close(), none.close(), store.close()]);
});

test("redis: a wrong password and a replica are refused with what to do", async () => {
  const store = await emptyStore();
  await server.command("CONFIG", "SET", "requirepass", "hush");
  await assert.rejects(openStore().streams("gaps"), { kind: "permission", message: /NOAUTH.*REDIS_URL/ });
  const wrong = redisStore(redisLink(parseRedisAddress(server.url.replace("unix://", "unix://:wrong@"))));
  await assert.rejects(wrong.streams("gaps"), { kind: "permission" });
  await wrong.close();
  await store.close();
});
