import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import type { AlertRecord } from "../../src/records/alert.ts";
import { AlertPublisher } from "../../src/store/alert-publisher.ts";
import { StoreAway } from "../../src/store/store.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";
import { alertOf, alertsOf } from "./alerts-contract.ts";

type Batch = readonly [stream: string, alerts: readonly AlertRecord[]];

/** A publisher on a store that takes what it is given, unless it fails. */
function publishing() {
  const clock = fakeClock();
  const said: string[] = [];
  const batches: Batch[] = [];
  const state = { failure: undefined as Error | undefined, answerLost: false, hangs: false, tries: 0 };
  const publisher = new AlertPublisher({
    clock,
    log: logOf((severity, message) => said.push(`${severity} ${message}`)),
    store: {
      async publish(stream, alerts) {
        state.tries++;
        if (state.hangs) return new Promise<never>(() => {});
        if (state.failure !== undefined) throw state.failure;
        batches.push([stream, alerts]);
        if (state.answerLost) {
          state.answerLost = false;
          throw new StoreAway("closed");
        }
      },
    },
  });
  const pushAll = (alerts: readonly AlertRecord[]) => {
    for (const alert of alerts) publisher.push(alert);
  };
  const stop = new AbortController();
  return {
    ...{ publisher, clock, said, batches, state, stop, pushAll },
    published: () => batches.flatMap(([, alerts]) => alerts),
    finish: () => publisher.finish(stop.signal),
  };
}

test("nothing to publish is nothing to wait for", async () => {
  const { finish, state } = publishing();
  await finish();
  assert.equal(state.tries, 0);
});

test("an alert goes at once; those that come meanwhile go together, in order, in batches of a hundred", async () => {
  const { pushAll, batches, published, finish, publisher } = publishing();
  pushAll(alertsOf(0, 251));
  assert.equal(publisher.waiting, 251, "nothing is waited for");
  await finish();
  assert.deepEqual(published(), alertsOf(0, 251));
  assert.deepEqual(
    batches.map(([, alerts]) => alerts.length),
    [1, 100, 100, 50],
  );
  assert.equal(publisher.waiting, 0);
});

test("an alert that comes when all is published is published too, without an end", async () => {
  const { publisher, published, finish } = publishing();
  for (let i = 0; i < 5; i++) {
    publisher.push(alertOf(i));
    await until("it is published", () => publisher.waiting === 0);
  }
  assert.deepEqual(published(), alertsOf(0, 5));
  await finish();
});

test("streams in one pipe are published each under its own name, each in order", async () => {
  const { pushAll, batches, finish } = publishing();
  const all = alertsOf(0, 7).map((alert, i) => ({ ...alert, stream: i % 2 === 0 ? "even" : "odd" }));
  pushAll(all);
  await finish();
  for (const [stream, alerts] of batches) assert.ok(alerts.every((alert) => alert.stream === stream));
  for (const stream of ["even", "odd"]) {
    assert.deepEqual(
      batches.filter(([name]) => name === stream).flatMap(([, alerts]) => alerts),
      all.filter((alert) => alert.stream === stream),
    );
  }
});

test("a store that is away is waited for: one warning, one notice, nothing lost", async () => {
  const { pushAll, published, finish, state, said, clock } = publishing();
  state.failure = new StoreAway("gone");
  clock.at(20_000, () => {
    state.failure = undefined;
  });
  pushAll(alertsOf(0, 30));
  await finish();
  assert.deepEqual(published(), alertsOf(0, 30));
  assert.equal(said.length, 2, said.join("\n"));
  assert.equal(said[0], "WARNING the store is away (gone); its return is waited for");
  assert.match(said[1]!, /^NOTICE the store is back after 2[\d.]+ s$/);
});

test("a batch whose answer was lost is sent again, and is there twice", async () => {
  const { publisher, published, finish, state } = publishing();
  state.answerLost = true;
  publisher.push(alertOf(0));
  await finish();
  assert.deepEqual(published(), [alertOf(0), alertOf(0)]);
});

test("a store that stays away is given up after 60 s, with the number of alerts", async () => {
  const { pushAll, finish, state, clock } = publishing();
  state.failure = new StoreAway("gone");
  pushAll(alertsOf(0, 12));
  await assert.rejects(finish(), {
    kind: "unavailable",
    message: "Redis stayed away at the end (gone): 12 alerts were not published",
    facts: { notPublished: 12 },
  });
  assert.ok(clock.elapsed() > 58_000 && clock.elapsed() <= 60_000, String(clock.elapsed()));
});

test("once it is told to stop the wait is 3 s, also when that comes in the middle of it", async () => {
  for (const at of [0, 10_000]) {
    const { publisher, finish, state, clock, stop } = publishing();
    state.failure = new StoreAway("gone");
    if (at === 0) stop.abort();
    else clock.at(at, () => stop.abort());
    publisher.push(alertOf(0));
    await assert.rejects(finish(), { message: /: 1 alert was not published$/ });
    assert.ok(clock.elapsed() > at + 1900 && clock.elapsed() <= at + 3000, String(clock.elapsed()));
  }
});

test("a store that hangs at the end does not outlast the 60 s", async () => {
  const { publisher, finish, state, clock } = publishing();
  state.failure = new StoreAway("gone");
  clock.at(10_000, () => {
    state.hangs = true;
  });
  publisher.push(alertOf(0));
  await assert.rejects(finish(), { message: /\(no answer\): 1 alert was not published$/ });
  assert.equal(clock.elapsed(), 60_000);
});

test("of more than a thousand that wait the oldest are let go: one warning, and the number at the end", async () => {
  const { pushAll, published, finish, state, said, publisher } = publishing();
  state.failure = new StoreAway("gone");
  pushAll(alertsOf(0, 1500));
  assert.equal(publisher.waiting, 1000);
  state.failure = undefined;
  await finish();
  assert.deepEqual(published(), [alertOf(0), ...alertsOf(501, 1500)], "but for the one on its way");
  assert.deepEqual(
    said.filter((words) => words.includes("alerts")),
    [
      "WARNING more than 1,000 alerts wait to be published: the oldest of them will not be",
      "WARNING 500 alerts were not published: too many came while others waited",
    ],
  );
});

test("a store that refuses for good is told at once, and why at the end", async () => {
  const { publisher, finish, said, state } = publishing();
  state.failure = new ToolError("permission", "no");
  publisher.push(alertOf(0));
  await until("it is told", () =>
    said.some((words) => words.startsWith("ERROR no more alerts are published")),
  );
  publisher.push(alertOf(1));
  await assert.rejects(finish(), state.failure);
  assert.equal(state.tries, 1);
});
