import assert from "node:assert/strict";
import { test } from "node:test";
import { logOf } from "../../src/core/log.ts";
import { STREAMS_MAX } from "../../src/core/streams.ts";
import { Tally } from "../../src/core/tally.ts";
import type { RateRecord } from "../../src/records/rate.ts";
import { choiceOfOne } from "../../src/store/choose-stream.ts";
import { rounds } from "../../src/store/rounds.ts";
import { NOON } from "./contract.ts";
import { polledWorld } from "./polled-world.ts";

const of = (told: readonly (readonly RateRecord[])[], stream: string) =>
  told.flat().filter((record) => record.stream === stream);
const total = (records: readonly RateRecord[], field: "events" | "seconds") =>
  records.reduce((sum, record) => sum + (record[field] ?? 0), 0);
const namesIn = (told: readonly (readonly RateRecord[])[]) =>
  told.map((records) => records.map(({ stream }) => stream).join(" "));

test("each poll gives one record a stream, sorted by name and handed over at once, and nothing mixes", async () => {
  const world = polledWorld();
  world.flow("slow", { rate: 2, from: 0, to: 10 });
  world.flow("fast", { rate: 9, from: 0, to: 10 });
  const told = await world.poll(["slow", "fast", "slow"], { until: 10 });
  assert.deepEqual([...new Set(namesIn(told.slice(1)))], ["fast slow"]);
  for (const [stream, rate] of [
    ["fast", 9],
    ["slow", 2],
  ] as const) {
    const records = of(told, stream);
    assert.deepEqual([total(records, "events"), total(records, "seconds")], [rate * 9, 9], stream);
    assert.ok(records.every(({ seconds, events }) => events === seconds * rate));
    assert.equal(records.at(-1)?.count, rate * 10, "the whole window");
  }
});

test("a stream that is not there yet is waited for, by name, while the others go on", async () => {
  const world = polledWorld();
  world.flow("a", { rate: 1, from: 0, to: 9 });
  world.flow("b", { rate: 1, from: 5, to: 9 });
  const told = await world.poll(["a", "b"], { until: 9 });
  assert.deepEqual(namesIn(told), ["", ..."a a a a a".split(" "), ..."a b,a b,a b,a b".split(",")]);
  assert.equal(total(of(told, "a"), "events"), 8);
  assert.deepEqual(world.said, [
    "NOTICE nothing has been stored yet of stream a; waiting",
    "NOTICE nothing has been stored yet of stream b; waiting",
    "NOTICE stream a is there now",
    "NOTICE stream b is there now",
  ]);
  assert.equal(world.tally.toString(), "20 polls = 13 readings + 7 waiting");
});

test("all takes up what appears later; a stream that is called all is one of them; named ones are waited for", async () => {
  const world = polledWorld();
  world.flow("all", { rate: 1, from: 0, to: 9 });
  world.flow("late", { rate: 3, from: 4, to: 9 });
  const told = await world.poll(["all", "named"], { until: 9 });
  assert.deepEqual([...new Set(namesIn(told))], ["", "all", "all late"]);
  assert.deepEqual([total(of(told, "all"), "events"), total(of(told, "late"), "events")], [8, 12]);
  assert.deepEqual(world.said, [
    "NOTICE nothing has been stored yet of stream named; waiting",
    "NOTICE stream all is there now",
    "NOTICE stream late is there now",
  ]);
});

test("all of nothing waits, once in words", async () => {
  const world = polledWorld();
  world.flow("a", { rate: 1, from: 2, to: 5 });
  const told = await world.poll(["all"], { until: 5 });
  assert.deepEqual(namesIn(told), ["", "", "", "a", "a", "a"]);
  assert.deepEqual(world.said, [
    "NOTICE nothing has been stored yet; waiting",
    "NOTICE stream a is there now",
  ]);
});

test("one that gets no answer catches up on its own; the others never notice", async () => {
  const world = polledWorld();
  world.flow("a", { rate: 4, from: 0, to: 20 });
  world.flow("b", { rate: 5, from: 0, to: 20 });
  world.clock.at(5500, () => world.unanswered.add("b"));
  world.clock.at(9500, () => world.unanswered.delete("b"));
  const told = await world.poll(["all"], { until: 20 });
  assert.equal(total(of(told, "a"), "events"), 76);
  assert.ok(of(told, "a").every(({ connected, seconds }) => connected && seconds <= 1));
  const b = of(told, "b");
  assert.equal(total(b, "events"), 95, "none is left out, or told twice");
  assert.deepEqual(
    b.filter(({ connected }) => !connected).map(({ events, stale }) => [events, stale]),
    [1.1, 2.1, 3.1, 4.1].map((stale) => [null, stale]),
  );
  assert.equal(b.find(({ seconds }) => seconds > 1)?.seconds, 5);
  assert.deepEqual(world.said, [
    "NOTICE nothing has been stored yet; waiting",
    "NOTICE stream a is there now",
    "NOTICE stream b is there now",
    "WARNING the store is away (no answer); its return is waited for",
    "NOTICE the store is back after 4 s",
  ]);
});

test("a store that is away is told once for all, and by each stream's records with its own stale", async () => {
  const world = polledWorld();
  world.flow("a", { rate: 1, from: 0, to: 3 });
  world.flow("b", { rate: 1, from: 0, to: 5 });
  world.clock.at(5500, () => world.unanswered.add("*"));
  world.clock.at(7500, () => world.unanswered.delete("*"));
  const told = await world.poll(["all"], { until: 8 });
  const lost = told[6]!.map(({ stream, connected, stale, seconds }) => [stream, connected, stale, seconds]);
  assert.deepEqual(lost, [
    ["a", false, 3.1, 0],
    ["b", false, 1.1, 0],
  ]);
  assert.equal(world.said.filter((words) => words.includes("the store is away")).length, 1);
  assert.equal(world.said.at(-1), "NOTICE the store is back after 2 s");
  assert.equal(world.tally.toString(), "17 polls = 12 readings + 1 waiting + 4 away");
});

test("a store that hangs is not waited for by each of many streams, and all of them are told as away", async () => {
  const world = polledWorld();
  const names = Array.from({ length: 90 }, (_, i) => `s${100 + i}`);
  for (const name of names) world.flow(name, { rate: 1, from: 0, to: 3 });
  world.clock.at(2500, () => world.unanswered.add("*"));
  const told = await world.poll(names, { until: 3 });
  assert.deepEqual(
    told.map((records) => records.filter(({ connected }) => !connected).length),
    [0, 0, 0, 90],
  );
  assert.equal(world.reads.length, 3 * 90 + 20);
});

test("a stream that the store has forgotten is named; of all it is let go after an hour, and is new when it returns", async () => {
  const world = polledWorld();
  world.flow("a", { rate: 1, from: 0, to: 5000 });
  world.flow("b", { rate: 1, from: 0, to: 100 });
  world.clock.at(600_500, () => world.forgotten.add("b"));
  world.clock.at(4_800_500, () => world.forgotten.delete("b"));
  world.flow("b", { rate: 1, from: 4800, to: 5000 });
  const told = await world.poll(["all"], { until: 5000, every: 60 });
  const lost = of(told, "b").filter(({ connected }) => !connected);
  assert.equal(lost.length, 60);
  assert.deepEqual([lost[0]?.t, lost[0]?.events], [NOON + 99_000, null]);
  assert.equal(of(told, "a").length, 83);
  assert.equal(of(told, "b").at(-1)?.connected, true);
  assert.deepEqual(world.said.slice(3), [
    "WARNING the store has forgotten stream b; its return is waited for",
    "NOTICE stream b has not come back; it is let go until it does",
    "NOTICE stream b is there now",
  ]);
});

test("a stream that was named and forgotten is waited for as long as it takes", async () => {
  const world = polledWorld();
  world.flow("a", { rate: 1, from: 0, to: 10 });
  world.clock.at(80_000, () => world.forgotten.add("a"));
  world.clock.at(9_000_500, () => world.forgotten.delete("a"));
  const told = await world.poll(["a"], { until: 9060, every: 60 });
  assert.deepEqual([told.length, namesIn(told).filter((names) => names === "a").length], [152, 151]);
  assert.equal(world.said.at(-1), "NOTICE stream a is back after 2 h 29 min");
});

test("of more than a thousand streams the first are looked at, and one warning says which are not", async () => {
  const world = polledWorld();
  const name = (i: number) => `s${String(i).padStart(4, "0")}`;
  for (let i = 0; i < STREAMS_MAX - 1; i++) world.flow(name(i), { rate: 1, from: 0, to: 1 });
  for (const late of ["z", "a", "m"]) world.flow(late, { rate: 1, from: 2, to: 3 });
  const told = await world.poll(["all"], { until: 5 });
  assert.deepEqual(
    told.map((records) => records.length),
    [0, 999, 999, 1000, 1000, 1000],
  );
  assert.ok(!world.reads.includes("m") && !world.reads.includes("z"));
  assert.equal(of(told, "a").length, 3);
  const warnings = world.said.filter((words) => words.startsWith("WARNING"));
  assert.deepEqual(warnings, [
    "WARNING there are more than 1000 streams, and no more are looked at; left out: m, z",
  ]);
});

test("without a name it is the only stream, and stays it; several are listed, with --stream all where that can be", async () => {
  const world = polledWorld();
  world.flow("b", { rate: 1, from: 1, to: 9 });
  world.flow("a", { rate: 1, from: 4, to: 9 });
  assert.deepEqual([...new Set(namesIn(await world.poll([], { until: 8 })))], ["", "b"]);
  await assert.rejects(world.poll([], { until: 9 }), {
    kind: "usage",
    message: "there are several streams; say which: --stream a | b; or --stream all",
  });
  const { clock, view } = world;
  const one = rounds(view, choiceOfOne(undefined), {
    ...{ clock, tally: new Tally("looks") },
    log: logOf(() => {}),
  });
  await assert.rejects(one(), { message: "there are several streams; say which: --stream a | b" });
});

test("of all streams one that ended long ago is told when it goes on; one that is named is told at once", async () => {
  for (const [names, first] of [
    [["all"], "new"],
    [["new", "old"], "new old"],
  ] as const) {
    const world = polledWorld();
    world.flow("old", { rate: 1, from: 0, to: 2 });
    world.flow("old", { rate: 1, from: 1004, to: 1009 });
    world.flow("new", { rate: 1, from: 990, to: 1009 });
    await world.clock.sleep(1_000_000);
    const told = await world.poll(names, { until: 1009 });
    const rounds = namesIn(told);
    assert.deepEqual([rounds[0], rounds.at(-1)], [first, "new old"]);
    const ended = world.said.filter((words) => words.includes("ended"));
    assert.equal(ended.length, names.length === 1 ? 1 : 0, ended.join());
  }
});
