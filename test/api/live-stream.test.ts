import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiProblem } from "../../src/api/problems.ts";
import type { ServerEvents } from "../../src/api/wire.ts";
import { alertOf } from "../store/alerts-contract.ts";
import { handFed, NOON, statsAt } from "./setting.ts";

/** What a listener is told, as names and data. */
function listening(live: ReturnType<typeof handFed>["live"], lastId?: string) {
  const told: { id: string | undefined; name: keyof ServerEvents; data: Record<string, unknown> }[] = [];
  live.hub.join(
    {
      write(text) {
        const [, id, name, data] = /^(?:id: (.*)\n)?event: (.*)\ndata: (.*)\n\n$/.exec(text)!;
        told.push({ id, name: name as keyof ServerEvents, data: JSON.parse(data!) });
        return true;
      },
    },
    lastId,
  );
  return {
    told,
    names: () => told.map(({ name }) => name),
    of: (wanted: keyof ServerEvents) => told.filter(({ name }) => name === wanted),
  };
}

const kindOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as ApiProblem).kind;
  }
  return undefined;
};

test("before anything came, all but the alerts and the health is a problem that says how to begin", () => {
  const { live } = handFed();
  for (const work of [
    () => live.record(),
    () => live.totals("all"),
    () => live.history(),
    () => live.shares(1),
  ]) {
    assert.equal(kindOf(work), "nothing-stored");
  }
  assert.deepEqual(live.alerts.select({ limit: 1 }), []);
  assert.equal(live.health().status, "waiting");
});

test("each completed second is told once, with an id of its own, and the present is told to nobody", () => {
  const { live } = handFed();
  const listener = listening(live);
  const take = (second: number, t = second + 1) =>
    live.take([{ second: NOON + second, record: statsAt(t), usual: undefined }], () => new Map());
  take(1);
  take(1, 2.5);
  take(2);
  assert.deepEqual(
    listener.of("stats").map(({ data }) => data["t"]),
    [NOON + 2, NOON + 3].map((second) => second * 1000),
  );
  assert.equal(new Set(listener.told.map(({ id }) => id).filter((id) => id !== undefined)).size, 2);
});

test("an alert is told once, whichever way it comes, and Last-Event-ID loses none around it", () => {
  const { live, feed } = handFed();
  const first = listening(live);
  feed();
  live.alert("1-1", alertOf(1));
  live.alert("1-2", alertOf(1));
  live.alert("1-3", alertOf(2));
  feed();
  const ids = first.told.flatMap(({ id, name }) => (id === undefined ? [] : [{ id, name }]));
  assert.deepEqual(
    ids.map(({ name }) => name),
    ["stats", "alert", "alert", "stats"],
  );
  assert.equal(new Set(ids.map(({ id }) => id)).size, 4);
  for (const [i, { id }] of ids.entries()) {
    assert.deepEqual(
      listening(live, id).names(),
      ids.slice(i + 1).map(({ name }) => name),
    );
  }
});

test("listeners are told of the health when it changes, and each five turns", () => {
  const { live, clock, feed } = handFed();
  const { of } = listening(live);
  const statuses = () => of("health").map(({ data }) => data["status"]);
  feed();
  feed();
  live.stand("away");
  live.stand("away");
  feed();
  assert.deepEqual(statuses(), ["live", "away", "live"]);
  for (let turn = 0; turn < 10; turn++) live.turn();
  assert.deepEqual(statuses().slice(3), ["live", "live"]);
  clock.ms = 60_000;
  live.turn();
  assert.deepEqual(statuses().slice(5), ["blind"], "blindness is told at the next turn");
});

test("with standard input silence is no blindness, and its end is told", () => {
  const { live, clock, feed } = handFed("stdin");
  feed();
  clock.ms = 3_600_000;
  assert.deepEqual([live.health().status, live.health().age], ["live", 3600]);
  live.stand("ended");
  assert.deepEqual(
    [live.health().status, live.health().blind, kindOf(() => live.record())],
    ["ended", false, undefined],
  );
});

test("a turn tells where events come from and what is usual, but not while the store is away", () => {
  const { live, feed } = handFed();
  const { of } = listening(live);
  live.turn();
  feed();
  live.turn();
  live.stand("away");
  live.turn();
  assert.deepEqual([of("shares").length, of("usual").length], [1, 1]);
  assert.deepEqual(of("usual")[0]!.data, { t: (NOON + 1) * 1000, rate: 3 });
});

test("a leap that one record tells is drawn over all its seconds; one that was not heard is a gap", () => {
  const { live } = handFed();
  const take = (second: number, fields: Parameters<typeof statsAt>[1]) =>
    live.take([{ second: NOON + second, record: statsAt(second + 1, fields), usual: 2 }], () => new Map());
  take(0, { byKey: { CA: 5 } });
  take(100, { byKey: { CA: 200 }, seconds: 100 });
  take(200, { byKey: {}, seconds: 0, events: null });
  take(9000, { byKey: { CA: 8800 }, seconds: 8800 });
  const { seconds, rate } = live.history();
  assert.equal(seconds.length, 3600);
  assert.ok(rate.every((value) => value === 1));
  const early = handFed().live;
  early.take(
    [{ second: NOON, record: statsAt(1, { byKey: { CA: 50 }, seconds: 50 }), usual: 2 }],
    () => new Map(),
  );
  early.take(
    [{ second: NOON + 90, record: statsAt(91, { byKey: {}, seconds: 0 }), usual: 2 }],
    () => new Map(),
  );
  assert.deepEqual([early.history().seconds.length, early.history().rate.at(-1)], [51, null]);
});

test("a stream that was forgotten and begins anew, at an earlier time, is drawn and told anew", () => {
  const { live, feed } = handFed();
  const { of } = listening(live);
  for (let i = 0; i < 100; i++) feed();
  live.stand("waiting");
  const early = (second: number) =>
    live.take(
      [{ second: NOON + second, record: statsAt(second + 1, { byKey: { TX: 9 } }), usual: 1 }],
      () => new Map(),
    );
  early(-5000);
  early(-4999);
  assert.deepEqual(live.history().seconds, [NOON - 4999, NOON - 4998]);
  assert.deepEqual(
    live.shares(10).categories.map(({ key }) => key),
    ["TX"],
  );
  assert.equal(of("stats").length, 102);
});

test("a stream that was forgotten and goes on is drawn on", () => {
  const { live, feed } = handFed();
  for (let i = 0; i < 10; i++) feed();
  live.stand("waiting");
  feed();
  assert.equal(live.history().seconds.length, 11);
});
