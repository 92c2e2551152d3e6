import assert from "node:assert/strict";
import { test } from "node:test";
import { redisStore } from "../../src/store/redis.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { redisLink } from "../../src/store/redis-link.ts";
import { StoreAway } from "../../src/store/store.ts";
import { redisServer } from "../support/redis-server.ts";
import { alertOf, alertsContract, alertsOf } from "./alerts-contract.ts";
import { NOON, tickAt } from "./contract.ts";

const server = await redisServer();
const KEY = "rsvpulse:{rsvps/0}:alerts";
const emptyStore = async () => {
  await server.command("FLUSHALL");
  return redisStore(redisLink(parseRedisAddress(server.url)));
};

alertsContract("redis", emptyStore);

test("redis: alerts lie in one key of the stream's partition, which expires 30 days after the last", async () => {
  const store = await emptyStore();
  await store.publish("rsvps", alertsOf(0, 3));
  assert.match(await server.command("KEYS", "*"), new RegExp(`^\\*1\r\n\\$\\d+\r\n${KEY}\r\n`));
  const ttl = Number((await server.command("TTL", KEY)).match(/:(\d+)/)![1]);
  assert.ok(ttl > 29 * 86_400 && ttl <= 30 * 86_400);
  await store.commit(tickAt(NOON, true));
  assert.deepEqual(await store.streams("gaps"), ["rsvps"], "a stream that has data too is one");
  await store.close();
});

test("redis: all alerts of a call go in one command", async () => {
  const store = await emptyStore();
  await store.publish("rsvps", [alertOf(0)]);
  await server.command("CONFIG", "RESETSTAT");
  await store.publish("rsvps", alertsOf(1, 100));
  const stats = await server.command("INFO", "commandstats");
  assert.match(stats, /cmdstat_evalsha:calls=1,/);
  assert.match(stats, /cmdstat_xadd:calls=99,/);
  await store.close();
});

test("redis: entries that are no alerts are left out, and stand in nobody's way", async () => {
  const store = await emptyStore();
  await store.publish("rsvps", [alertOf(0)]);
  const [first] = await store.alerts({ stream: "rsvps", max: 1 });
  const { text: _, ...without } = alertOf(7);
  for (const [field, text] of [
    ["alert", "{"],
    ["alert", ""],
    ["alert", "null"],
    ["alert", "[]"],
    ["alert", JSON.stringify(without)],
    ["alert", JSON.stringify({ ...alertOf(7), alert: "unheard of" })],
    ["alert", JSON.stringify({ ...alertOf(7), why: [{ category: "TX" }] })],
    ["alert", JSON.stringify({ ...alertOf(7), examples: [null] })],
    ["other", JSON.stringify(alertOf(7))],
  ] as const) {
    await server.command("XADD", KEY, "*", field, text);
  }
  await store.publish("rsvps", [alertOf(1)]);
  for (const max of [1, 2, 3, 100]) {
    const told = await store.alerts({ stream: "rsvps", after: first!.id, max });
    assert.deepEqual(
      told.map(({ alert }) => alert),
      [alertOf(1)],
      `at most ${max}`,
    );
  }
  assert.equal((await store.alerts({ stream: "rsvps", max: 100 })).length, 2);
  await store.close();
});

test("redis: a server that is away is StoreAway; a key that is taken by something else is told as such", async () => {
  const store = await emptyStore();
  await store.publish("rsvps", [alertOf(0)]);
  await server.stop();
  await assert.rejects(store.publish("rsvps", [alertOf(1)]), StoreAway);
  await assert.rejects(store.alerts({ stream: "rsvps", max: 1 }), StoreAway);
  await server.start();
  await store.publish("rsvps", [alertOf(1)]);
  assert.equal((await store.alerts({ stream: "rsvps", max: 10 })).length, 2);
  await server.command("SET", KEY, "taken");
  await assert.rejects(store.publish("rsvps", [alertOf(2)]), { kind: "unavailable", message: /WRONGTYPE/ });
  await server.command("CONFIG", "SET", "requirepass", "hush");
  await store.close();
  await assert.rejects(store.publish("rsvps", [alertOf(2)]), { kind: "permission", message: /NOAUTH/ });
  await store.close();
});
