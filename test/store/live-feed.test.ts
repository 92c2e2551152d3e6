import assert from "node:assert/strict";
import { test } from "node:test";
import { logOf } from "../../src/core/log.ts";
import { Tally } from "../../src/core/tally.ts";
import { PLAIN_WORDS } from "../../src/detect/change-words.ts";
import type { AlertsRequest } from "../../src/store/alert-store.ts";
import { type Follower, liveFeed } from "../../src/store/live-feed.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { StoreAway } from "../../src/store/store.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { alertOf } from "./alerts-contract.ts";
import { batchOf, NOON } from "./contract.ts";

/** A feed of a store in memory, and what its follower was told. */
function following() {
  const clock = fakeClock();
  const memory = memoryStore(clock);
  const told: string[] = [];
  const asked: AlertsRequest[] = [];
  const state = { isAway: false };
  const store = {
    ...memory,
    alerts(request: AlertsRequest) {
      asked.push(request);
      if (state.isAway) throw new StoreAway("gone");
      return memory.alerts(request);
    },
  };
  const follower: Follower = {
    take: (seconds) => void told.push(...seconds.map(({ second }) => `take ${second - NOON / 1000}`)),
    recall: (seconds) => void told.push(...seconds.map(({ second }) => `recall ${second - NOON / 1000}`)),
    alert: (_, { t }) => void told.push(`alert ${(t - NOON) / 1000}`),
    recallAlert: (_, { t }) => void told.push(`recall alert ${(t - NOON) / 1000}`),
    stand: (how) => void told.push(how),
  };
  const tools = { clock, log: logOf(() => {}), tally: new Tally("readings", "polls") };
  const look = liveFeed({ store, stream: "rsvps", wordsOf: () => PLAIN_WORDS }, follower, tools);
  return {
    ...{ memory, asked, state },
    /** What one look tells. */
    async looked(): Promise<string[]> {
      await look();
      return told.splice(0);
    },
    gap: (second: number) => memory.commit(batchOf([{ at: NOON + second * 1000, micros: 1e6 }])),
    publish: (...numbers: readonly number[]) =>
      memory.publish(
        "rsvps",
        numbers.map((n) => alertOf(n)),
      ),
  };
}

test("what was there at the first look is recalled; what comes later is told, each once and in order", async () => {
  const { looked, gap, publish } = following();
  for (const second of [0, 1, 2]) await gap(second);
  await publish(0, 1);
  assert.deepEqual(await looked(), ["recall 0", "recall 1", "recall alert 0", "recall alert 1"]);
  await publish(2, 3);
  await gap(4);
  assert.deepEqual(await looked(), ["take 2", "take 3", "alert 2", "alert 3"]);
});

test("a look asks for the alerts after the last one it had, not for all again", async () => {
  const { looked, gap, publish, asked } = following();
  await gap(0);
  await publish(0, 1);
  for (let i = 0; i < 3; i++) await looked();
  await publish(2);
  await looked();
  await looked();
  const afters = asked.map(({ after }) => after);
  assert.equal(afters[0], undefined);
  assert.deepEqual([afters[1], afters[2]], [afters[3], afters[3]]);
  assert.ok(afters[1] !== undefined && afters[4] !== undefined && afters[4] !== afters[1]);
});

test("a stream that is not there yet is waited for, and then all of it is news", async () => {
  const { looked, gap, publish } = following();
  assert.deepEqual(await looked(), ["waiting"]);
  await gap(0);
  await gap(1);
  await publish(0);
  assert.deepEqual(await looked(), ["take 0", "alert 0"]);
});

test("a store that goes away between the records and the alerts is away, and no alert is lost", async () => {
  const { looked, gap, publish, state } = following();
  await gap(0);
  await looked();
  await gap(1);
  await publish(0);
  state.isAway = true;
  assert.deepEqual(await looked(), ["take 0", "away"]);
  state.isAway = false;
  assert.deepEqual((await looked()).at(-1), "alert 0");
});
