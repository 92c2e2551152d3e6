import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { logOf } from "../../src/core/log.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { openStateRedis } from "../../src/store/state-redis.ts";
import { stateSaver } from "../../src/store/state-saver.ts";
import { StoreAway } from "../../src/store/store.ts";
import { redisServer } from "../support/redis-server.ts";

const server = await redisServer();
const open = (stream: string, url = server.url) =>
  openStateRedis({
    address: parseRedisAddress(url),
    tool: "check-detect",
    stream,
    clock: systemClock,
    signal: new AbortController().signal,
  });

test("what was saved last is loaded by the next run, under a key that expires", async () => {
  const first = await open("a {b}");
  assert.equal(await first.load(), undefined);
  await first.save("one");
  await first.save("two");
  await first.close();
  const second = await open("a {b}");
  assert.equal(await second.load(), "two");
  await second.close();
  const ttl = Number(
    (await server.command("TTL", "rsvpulse:{a%20%7Bb%7D/0}:check-detect:state")).match(/:(\d+)/)![1],
  );
  assert.ok(ttl > 29 * 86_400 && ttl <= 30 * 86_400);
  assert.match(await server.command("EXISTS", "rsvpulse:{a%20%7Bb%7D/0}:check-detect:lock"), /^:0/);
});

test("two never have one stream's state at once; another stream's is free", async () => {
  const first = await open("locked");
  await assert.rejects(open("locked"), {
    kind: "unavailable",
    message: /another process, on .* works on this state/,
  });
  await (await open("other")).close();
  await first.close();
  await (await open("locked")).close();
});

test("who lost the lock to another saves nothing over it", async () => {
  const first = await open("lost");
  await server.command("DEL", "rsvpulse:{lost/0}:check-detect:lock");
  await first.save("ours again, for nobody took it");
  await server.command("SET", "rsvpulse:{lost/0}:check-detect:lock", "elsewhere 1");
  await assert.rejects(first.save("too late"), { kind: "unavailable", message: /on elsewhere/ });
  await first.close();
  assert.match(await server.command("GET", "rsvpulse:{lost/0}:check-detect:lock"), /elsewhere/);
});

test("a server that is not there is told within six seconds", async () => {
  const start = performance.now();
  await assert.rejects(open("x", "unix:///nonexistent/redis.sock"), {
    kind: "unavailable",
    message: /cannot reach Redis/,
  });
  assert.ok(performance.now() - start < 6000);
});

test("a server that goes away and comes back gets the state at the end", async () => {
  const said: string[] = [];
  const store = await open("away");
  let now = 0;
  const clock = {
    ...systemClock,
    elapsed: () => now,
    async sleep(ms: number) {
      now += ms;
    },
  };
  const log = logOf((severity, message) => said.push(`${severity} ${message}`));
  const saver = stateSaver({ store, clock, log, text: () => `at ${now}` });
  assert.equal(saver.isDue(), false);
  now = 1000;
  assert.equal(saver.isDue(), true);
  await server.stop();
  await assert.rejects(store.save("x"), StoreAway);
  await saver.save();
  assert.equal(saver.isDue(), false);
  await assert.rejects(saver.finish(1), { kind: "unavailable", message: /was not saved/ });
  await server.start();
  await saver.finish(60);
  assert.match((await store.load()) ?? "", /^at \d+$/);
  assert.deepEqual(said.length, 1);
  assert.match(said[0]!, /^WARNING .*the state waits until it is back$/);
  await store.close();
});
