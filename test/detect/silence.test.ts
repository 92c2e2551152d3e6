import assert from "node:assert/strict";
import { test } from "node:test";
import { silence } from "../../src/detect/silence.ts";
import { type PollOptions, poissonEvents, polls, START, uniform } from "./rates.ts";
import { verdicts } from "./support.ts";

const DAY = 86_400;
const detector = () => silence({ lateness: 5, perDay: 1 });
const every = (seconds: number, count: number) => Array.from({ length: count }, (_, i) => 1 + i * seconds);

/** Seconds since the start at which silences were told. */
function tolds(events: readonly number[], options: PollOptions): number[] {
  const records = polls(events, options);
  const said = verdicts(detector(), records);
  return said.flatMap(({ firing }, i) =>
    firing && said[i - 1]?.firing !== true ? [((records[i]!["t"] as number) - START) / 1000] : [],
  );
}

for (const stops of [180, 600, 3600]) {
  test(`a steady stream of one event a second that stops after ${stops} s is told 30 s later`, () => {
    const [told, ...more] = tolds(every(1, stops), { seconds: stops + 100 });
    assert.ok(told! >= stops + 29 && told! <= stops + 32, `told at ${told}`);
    assert.deepEqual(more, []);
  });
}

test("a busy stream that stops is told after 30 s too, and not again until events come", () => {
  const told = tolds(
    poissonEvents(() => 10, 600),
    { seconds: 4000 },
  );
  assert.equal(told.length, 1);
  assert.ok(told[0]! >= 629 && told[0]! <= 632);
});

test("nothing is told before there is evidence", () => {
  assert.deepEqual(tolds([1], { seconds: 4000 }), []);
  assert.deepEqual(tolds([], { seconds: 4000 }), []);
  assert.deepEqual(tolds(every(1, 60), { seconds: 4000 }), []);
});

test("a slow poll waits for three of its polls", () => {
  const [told] = tolds(every(1, 6000), { seconds: 12_000, every: 60 });
  assert.ok(told! >= 6000 + 175 && told! <= 6000 + 300, `told at ${told}`);
});

const random = uniform(7);
const batches = (jitter: number, spread: number) =>
  Array.from({ length: 240 }, (_, minute) => {
    const at = minute * 60 + random() * jitter;
    return Array.from({ length: 5 + Math.floor(random() * 36) }, () => at + random() * spread);
  })
    .flat()
    .sort((a, b) => a - b);

for (const [name, events, seconds] of [
  ["20 events 11 s apart", every(11, 20), 220],
  ["20 events 60 s apart", every(60, 20), 1200],
  ["20 events 4,000 s apart", every(4000, 20), 80_000],
  ["batches once a minute", batches(0, 1), 4 * 3600],
  ["batches once a minute, give or take", batches(15, 1), 4 * 3600],
  ["half a minute of events each minute", batches(0, 30), 4 * 3600],
  [
    "bursts of ten seconds every ten minutes",
    every(600, 40).flatMap((s) => every(0.1, 100).map((k) => s + k)),
    23_000,
  ],
  [
    "a daily wave around one event in 3 s",
    poissonEvents((s) => 0.33 * (1 + 0.6 * Math.sin((2 * Math.PI * s) / DAY)), DAY, 5),
    DAY,
  ],
  ["one event in 30 s", poissonEvents(() => 1 / 30, DAY, 3), DAY],
] as const) {
  test(`${name}: no alarm`, () => assert.deepEqual(tolds(events, { seconds }), []));
}

test("an outage does not hide the next one", () => {
  const events = [...every(1, 1000), ...every(1, 1000).map((s) => s + 1600)];
  const [first, second, ...more] = tolds(events, { seconds: 2800 });
  assert.ok(first! < 1035, `first at ${first}`);
  assert.ok(second! < 2600 + 60, `second at ${second}`);
  assert.deepEqual(more, []);
});

test("time without a source is no silence", () => {
  const records = polls(every(1, 600), { seconds: 1200 });
  for (const record of records.slice(600, 700)) Object.assign(record, { connected: false, seconds: 0 });
  const said = verdicts(detector(), records);
  const first = said.findIndex(({ firing }) => firing);
  // Heard again from second 701 on.
  assert.ok(first >= 728 && first <= 733, `fired at record ${first}`);
});

test("records that are older than stream time change nothing", () => {
  const records = polls(every(1, 600), { seconds: 600 });
  const shuffled = records.map((record, i) => records[(i * 7) % 600] ?? record);
  assert.ok(verdicts(detector(), shuffled).every(({ firing }) => !firing));
});

test("a leap in which most seconds were not heard is no silence", () => {
  const records = polls(every(1, 600), { seconds: 600 });
  const last = records.at(-1)!;
  const leap = { ...last, t: (last["t"] as number) + 3_600_000, silence: 3600, seconds: 1, events: 0 };
  assert.equal(verdicts(detector(), [...records, leap]).at(-1)!.firing, false);
});

test("the score is the silence in seconds, the threshold the limit once there is one", () => {
  const said = verdicts(detector(), polls(every(1, 300), { seconds: 330 }));
  assert.equal(said[10]!.threshold, null);
  assert.equal(said.at(-1)!.threshold, 30);
  assert.equal(said.at(-1)!.score, 30);
});

test("a restored detector goes on alike", () => {
  const records = polls(
    poissonEvents(() => 0.5, 900),
    { seconds: 1500 },
  );
  const whole = verdicts(detector(), records);
  const first = detector();
  const head = verdicts(first, records.slice(0, 700));
  const second = detector();
  second.restore(JSON.parse(JSON.stringify(first.snapshot())));
  assert.deepEqual([...head, ...verdicts(second, records.slice(700))], whole);
});
