import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { STREAMS_MAX } from "../../src/core/streams.ts";
import type { RateRecord } from "../../src/records/rate.ts";
import { pollOnce } from "../../src/store/poll-once.ts";
import { choiceOf } from "../../src/store/streams-option.ts";
import { scratchFolder } from "../support/scratch.ts";
import { NOON } from "./contract.ts";
import { polledWorld } from "./polled-world.ts";

const folder = scratchFolder();
let states = 0;
const newState = () => `${folder}/state-${++states}.json`;

type World = ReturnType<typeof polledWorld>;
interface Run {
  readonly records: readonly RateRecord[];
  readonly remarks: readonly string[];
}

/** One run of cron's. */
async function once(world: World, names: readonly string[], state?: string): Promise<Run> {
  let run: Run | undefined;
  await pollOnce(world.view, { choice: choiceOf(names), state }, async (records, remarks) => {
    run = { records, remarks };
  });
  return run!;
}
/** The clock goes on until it shows this, s. */
const pass = ({ clock }: World, until: number) => clock.sleep(until * 1000 - clock.elapsed());
/** Events and seconds of a stream. */
const totals = (records: readonly RateRecord[], stream: string) => {
  const own = records.filter((record) => record.stream === stream);
  const sum = (field: "events" | "seconds") => own.reduce((total, record) => total + record[field]!, 0);
  return [sum("events"), sum("seconds")];
};
const marksIn = (state: string) =>
  Object.fromEntries(
    Object.entries(JSON.parse(readFileSync(state, "utf8")).streams).map(([stream, mark]) => [
      stream,
      (mark as { second: number }).second - NOON / 1000,
    ]),
  );

test("without a state there is one record a stream, of its last minute", async () => {
  const world = polledWorld();
  world.flow("b", { rate: 2, from: 0, to: 100 });
  world.flow("a", { rate: 5, from: 90, to: 100 });
  await pass(world, 100);
  const { records, remarks } = await once(world, ["all"]);
  assert.deepEqual(
    records.map(({ stream, events, seconds }) => [stream, events, seconds]),
    [
      ["a", 45, 9],
      ["b", 120, 60],
    ],
  );
  assert.deepEqual(remarks, []);
});

test("runs with a state tell each second of each stream once, however they fall, and of one that appears all", async () => {
  for (const names of [["all"], ["c", "b", "a"]]) {
    const world = polledWorld();
    const state = newState();
    world.flow("a", { rate: 2, from: 0, to: 400 });
    world.flow("b", { rate: 7, from: 0, to: 200 });
    world.flow("c", { rate: 3, from: 150, to: 400 });
    const told: RateRecord[] = [];
    for (const until of [1, 20, 20.5, 160, 161, 399, 400, 401]) {
      await pass(world, until);
      told.push(...(await once(world, names, state)).records);
    }
    for (const [stream, rate, seconds] of [
      ["a", 2, 399],
      ["b", 7, 199],
      ["c", 3, 249],
    ] as const) {
      assert.deepEqual(totals(told, stream), [rate * seconds, seconds], stream);
    }
    assert.deepEqual(marksIn(state), { a: 399, b: 199, c: 399 });
  }
});

test("a state of one stream, as it was before there were several, is taken up by each choice it belongs to", async () => {
  for (const names of [[], ["a"], ["a", "b"], ["all"]]) {
    const world = polledWorld();
    const state = newState();
    world.flow("a", { rate: 1, from: 0, to: 50 });
    await pass(world, 50);
    writeFileSync(state, `{"kind":"avg","stream":"a","second":${NOON / 1000 + 30},"newest":null}`);
    assert.deepEqual(totals((await once(world, names, state)).records, "a"), [19, 19], `${names}`);
    assert.deepEqual(marksIn(state), { a: 49 });
  }
});

test("the only stream stays the one that the state knows", async () => {
  const world = polledWorld();
  const state = newState();
  world.flow("b", { rate: 1, from: 0, to: 20 });
  world.flow("a", { rate: 1, from: 10, to: 20 });
  await pass(world, 5);
  await once(world, [], state);
  await pass(world, 20);
  assert.deepEqual(totals((await once(world, [], state)).records, "b"), [15, 15]);
  assert.deepEqual(marksIn(state), { b: 19 });
});

test("a stream that is not there holds up no other, is told of, and keeps its mark", async () => {
  const world = polledWorld();
  const state = newState();
  world.flow("a", { rate: 1, from: 0, to: 30 });
  world.flow("b", { rate: 1, from: 0, to: 30 });
  await pass(world, 10);
  await once(world, ["a", "b"], state);
  world.forgotten.add("b");
  await pass(world, 20);
  const { records, remarks } = await once(world, ["a", "b"], state);
  assert.deepEqual(
    [totals(records, "a"), totals(records, "b")],
    [
      [10, 10],
      [0, 0],
    ],
  );
  assert.deepEqual(remarks, ["nothing has been stored of stream b; the others are told"]);
  assert.deepEqual(marksIn(state), { a: 19, b: 9 });
  world.forgotten.delete("b");
  await pass(world, 30);
  const last = await once(world, ["a", "b"], state);
  assert.deepEqual(
    [totals(last.records, "a"), totals(last.records, "b")],
    [
      [10, 10],
      [20, 20],
    ],
  );
});

test("where none is there that is an error with what there is", async () => {
  const world = polledWorld();
  await assert.rejects(once(world, ["all"]), {
    kind: "unavailable",
    message: /^nothing has been stored yet/,
  });
  world.flow("rsvps", { rate: 1, from: 0, to: 5 });
  await pass(world, 5);
  await assert.rejects(once(world, ["x", "y"]), {
    kind: "unavailable",
    message: "nothing has been stored of streams x, y; there is rsvps",
  });
  await assert.rejects(once(world, ["rsvp"]), /of stream rsvp \(did you mean rsvps\?\); there is rsvps/);
});

test("a run that fails moves no mark of any stream", async () => {
  const world = polledWorld();
  const state = newState();
  world.flow("a", { rate: 1, from: 0, to: 30 });
  world.flow("b", { rate: 1, from: 0, to: 30 });
  await pass(world, 10);
  await once(world, ["all"], state);
  const before = readFileSync(state, "utf8");
  await pass(world, 30);
  world.unanswered.add("b");
  await assert.rejects(once(world, ["all"], state), /the store went away: no answer; run it again/);
  world.unanswered.delete("b");
  const gone = pollOnce(world.view, { choice: choiceOf(["all"]), state }, async () => {
    throw new Error("the reader is gone");
  });
  await assert.rejects(gone, /the reader is gone/);
  assert.equal(readFileSync(state, "utf8"), before);
  const { records } = await once(world, ["all"], state);
  assert.deepEqual(
    [totals(records, "a"), totals(records, "b")],
    [
      [20, 20],
      [20, 20],
    ],
  );
});

test("a state of streams that are not chosen is refused and left alone", async () => {
  const world = polledWorld();
  const state = newState();
  for (const stream of ["a", "b"]) world.flow(stream, { rate: 1, from: 0, to: 5 });
  await pass(world, 5);
  await once(world, ["a", "b"], state);
  const text = readFileSync(state, "utf8");
  const refused = (names: readonly string[], message: RegExp) =>
    assert.rejects(once(world, names, state), { kind: "configuration", message });
  await refused(["a"], /expected the state of stream a, got that of a, b; name another file, or remove it/);
  await refused(["c", "b"], /expected the state of streams b, c, got that of a, b/);
  await refused([], /expected the state of one stream, got that of a, b/);
  assert.equal(readFileSync(state, "utf8"), text);
  assert.equal((await once(world, ["a", "b", "c"], state)).records.length, 2);
});

test("a damaged state is refused; strange names of streams are no trouble", async () => {
  const world = polledWorld();
  const state = newState();
  for (const text of [
    "[]",
    "null",
    '{"kind":"avg"}',
    '{"kind":"avg","streams":{}}',
    '{"kind":"avg","streams":{"a":1}}',
  ]) {
    writeFileSync(state, text);
    await assert.rejects(once(world, ["all"], state), /expected a state of avg, got something else/);
  }
  const strange = newState();
  const names = ["__proto__", "7", "a b", "constructor"];
  for (const stream of names) world.flow(stream, { rate: 1, from: 0, to: 20 });
  await pass(world, 10);
  await once(world, ["all"], strange);
  await pass(world, 20);
  const { records } = await once(world, ["all"], strange);
  for (const stream of names) assert.deepEqual(totals(records, stream), [10, 10], stream);
});

test("of more than a thousand streams the first are told, with a remark that says which are not", async () => {
  const world = polledWorld();
  for (let i = 0; i <= STREAMS_MAX; i++)
    world.flow(`s${String(i).padStart(4, "0")}`, { rate: 1, from: 0, to: 1 });
  await pass(world, 1);
  const { records, remarks } = await once(world, ["all"], newState());
  assert.equal(records.length, STREAMS_MAX);
  assert.deepEqual(remarks, ["there are more than 1000 streams, and no more are looked at; left out: s1000"]);
});

test("of all streams one that ended long before the first run is left out, unless there is no other", async () => {
  const world = polledWorld();
  world.flow("old", { rate: 1, from: 0, to: 2 });
  await pass(world, 1000);
  const streamsOf = async (names: readonly string[], state?: string) =>
    (await once(world, names, state)).records.map(({ stream }) => stream);
  assert.deepEqual(await streamsOf(["all"]), ["old"]);
  world.flow("new", { rate: 1, from: 1000, to: 1002 });
  await pass(world, 1003);
  assert.deepEqual(await streamsOf(["all"]), ["new"]);
  assert.deepEqual(await streamsOf(["old", "new"]), ["new", "old"]);
});
