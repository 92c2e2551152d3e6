import assert from "node:assert/strict";
import { test } from "node:test";
import { PLAIN_WORDS, type Words } from "../../src/detect/change-words.ts";
import type { Detector } from "../../src/detect/detector.ts";
import { rate } from "../../src/detect/rate.ts";
import type { Measurement } from "../../src/records/measurement.ts";
import { Random } from "../../src/simulate/random.ts";
import { AWKWARD, counted, made, notFinite, recent, said, saved, secondOf, turns } from "./changes.ts";
import { START } from "./worlds.ts";

const detector = (words: Words = PLAIN_WORDS): Detector => rate({ perDay: 1, words, recent: recent() });
/** Two categories of five events a second each, unless something is told of them. */
const two = (a: number, b = a) => ({ a, b });
const sumOf = (why: readonly { readonly share: number }[]) => why.reduce((sum, { share }) => sum + share, 0);
const at = (change: number, before: number, after: number) => (s: number) => (s < change ? before : after);

test("a tripled rate is told within seconds, with when it began and what it is; so is its end", () => {
  const level = (s: number) => (s >= 600 && s < 900 ? 15 : 5);
  const [told, over, ...more] = turns(
    detector(),
    made((s) => two(level(s)), 1500),
  );
  assert.deepEqual(more, []);
  assert.ok(told!.at >= 601 && told!.at <= 605, `${told!.at}`);
  const { verdict, clause } = told!;
  assert.ok(Math.abs(secondOf(verdict.since) - 600) <= 2);
  assert.ok(verdict.value! > 20 && verdict.value! < 40 && Math.abs(verdict.baseline! - 10) < 1);
  assert.equal(verdict.direction, "up");
  assert.ok(verdict.score! >= verdict.threshold!);
  assert.match(
    clause,
    /^events come [23](\.\d)? times as fast as usual: [\d.]+ a second against [\d.]+, since 00:\d\d:\d\d UTC; [ab] carries \d\d(\.\d)? % of the extra$|no category stands out$/,
  );
  assert.ok(over!.at >= 902 && over!.at <= 915, `${over!.at}`);
  assert.equal(over!.verdict.ended, "returned");
  assert.ok(over!.verdict.value! < 15);
  assert.match(over!.clause, /^events come as usual again: [\d.]+ a second, usual is [\d.]+$/);
});

test("a fall is told as the part of the usual that is left", () => {
  const [told] = turns(
    detector(),
    made((s) => two(at(600, 10, 2)(s)), 700),
  );
  assert.ok(told!.at <= 606);
  assert.equal(told!.verdict.direction, "down");
  assert.match(
    told!.clause,
    /^events come at [\d.]+ % of the usual rate: [\d.]+ a second against [\d.]+, since /,
  );
});

test("a stream that stops is told, and its end", () => {
  const [told, over, ...more] = turns(
    detector(),
    made((s) => two(s >= 600 && s < 700 ? 0 : 5), 1000),
  );
  assert.ok(told!.at <= 606, `${told!.at}`);
  assert.match(
    told!.clause,
    /^no events have come since 00:\d\d:\d\d UTC; usual is [\d.]+ a second, and the source is connected$/,
  );
  assert.equal(told!.verdict.value, 0);
  assert.ok(over!.at >= 701 && over!.at <= 715, `${over!.at}`);
  assert.equal(over!.verdict.ended, "returned");
  assert.deepEqual(more, []);
});

test("what lasts 15 min is usual then, and nothing more is told of it", () => {
  const [told, over, ...more] = turns(
    detector(),
    made((s) => two(at(600, 5, 15)(s)), 5000),
  );
  assert.equal(over!.at - told!.at, 900);
  assert.equal(over!.verdict.ended, "new-normal");
  assert.match(over!.clause, /^(29|30|31)(\.\d)? a second counts as usual from now on$/);
  assert.deepEqual(more, []);
});

test("an old change is told as it is in the last minute", () => {
  const level = (s: number) => (s < 600 ? 5 : s < 800 ? 50 : 35);
  const watched = detector();
  const records = made((s) => two(level(s)), 900);
  const last = records.map((record) => watched.push(record, { now: record.t, frozen: false })).at(-1)!;
  assert.equal(last.firing, true);
  assert.ok(Math.abs(last.value! - 70) < 5, `${last.value}`);
});

for (const [rates, unit] of [
  [0.2, "minute"],
  [0.01, "hour"],
] as const) {
  test(`a rate of ${rates} a second is told by the ${unit}`, () => {
    const records = made((s) => ({ a: at(20_000, rates, rates * 10)(s) }), 30_000, { every: 10 });
    // One false alarm a day is allowed.
    const told = turns(detector(), records).find(({ at, verdict }) => at > 20_000 && verdict.firing);
    assert.match(told!.clause, new RegExp(`a ${unit === "hour" ? "minute|an hour" : "second|a minute"}`));
  });
}

test("an event in 20 s: ten times as many are told within a minute or two, and calm is not", () => {
  const [told, ...more] = turns(
    detector(),
    made((s) => ({ a: at(14_400, 0.05, 0.5)(s) }), 14_600),
  );
  assert.ok(told!.at > 14_400 && told!.at < 14_520, `${told?.at}`);
  assert.deepEqual(more, []);
});

test("polls of ten seconds tell the same as soon", () => {
  const [told, over, ...more] = turns(
    detector(),
    made((s) => two(s >= 1200 && s < 1800 ? 15 : 5), 2400, { every: 10 }),
  );
  assert.ok(told!.at > 1200 && told!.at <= 1220, `${told!.at}`);
  assert.ok(Math.abs(secondOf(told!.verdict.since) - 1200) <= 10);
  assert.ok(over!.at > 1800 && over!.at <= 1830, `${over!.at}`);
  assert.deepEqual(more, []);
});

test("records without seconds are about the time since the one before", () => {
  const records = made((s) => two(at(1200, 5, 15)(s)), 1300, { every: 10 }).map((record) => ({
    ...record,
    seconds: undefined,
  }));
  const [told] = turns(detector(), records);
  assert.ok(told!.at > 1200 && told!.at <= 1220, `${told?.at}`);
});

test("which categories carry it is said, most first, and their parts add up to no more than 1", () => {
  const watched = detector({ noun: "RSVP", nameOf: (category) => (category === "TX" ? "Texas" : category) });
  const [told] = turns(
    watched,
    made((s) => ({ TX: at(600, 4, 26)(s), b: 5, c: at(600, 5, 9)(s) }), 620),
  );
  const { why } = told!.verdict;
  assert.deepEqual(
    why!.slice(0, 2).map(({ category }) => category),
    ["TX", "c"],
  );
  assert.ok(why![0]!.share > 0.7);
  assert.match(told!.clause, /^RSVPs come .*; Texas carries \d+(\.\d)? % of the extra$/);
  assert.ok(sumOf(why!) <= 1.01);
});

test("where some rise while others fall, parts are those of what rises", () => {
  const rates = (s: number) => (s < 600 ? { a: 5, b: 5, c: 12 } : { a: 20, b: 16, c: 1 });
  const [told] = turns(detector(), made(rates, 700));
  assert.ok(told!.verdict.why!.length >= 2);
  assert.ok(sumOf(told!.verdict.why!) <= 1.01, JSON.stringify(told!.verdict.why));
});

test("of what is missing it is told who carries it, too", () => {
  const [told] = turns(
    detector(),
    made((s) => ({ a: at(600, 6, 0)(s), b: 6 }), 700),
  );
  assert.match(told!.clause, /; a carries \d+(\.\d)? % of what is missing$/);
  assert.equal(told!.verdict.why![0]!.category, "a");
});

test("where all categories rise alike none stands out; where nobody tells categories nothing is said of them", () => {
  const many = (level: number) => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`c${i}`, level]));
  const records = made((s) => many(at(600, 0.5, 2)(s)), 700);
  const [told] = turns(detector(), records);
  assert.match(told!.clause, /; no category stands out$/);
  assert.ok(told!.verdict.why!.length <= 5 && sumOf(told!.verdict.why!) <= 1.01);
  const [plain] = turns(
    detector(),
    records.map((record) => ({ ...record, byKey: undefined })),
  );
  assert.match(plain!.clause, /UTC$/);
  assert.deepEqual(plain!.verdict.why, []);
});

test("names that objects take for their own, and long ones, are told like any other", () => {
  for (const name of AWKWARD) {
    const records = made((s) => ({ x: at(600, 5, 30)(s), b: 5 }), 620).map((record) => {
      const { x = 0, b = 0 } = record.byKey!;
      return {
        ...record,
        byKey: counted([
          [name, x],
          ["b", b],
        ]),
      };
    });
    const [told] = turns(detector(), records);
    assert.equal(told!.verdict.why![0]!.category, name);
    assert.ok(told!.clause.length < 250);
  }
});

test("an alert shows events that came since, of the categories that rose", () => {
  const records = made((s) => ({ a: at(600, 5, 30)(s), b: at(600, 5, 0)(s) }), 620).map((record, i) => ({
    ...record,
    samples: ["a", "b"].map((key) => ({ key, id: null, text: `${key} ${i}`, url: null })),
  }));
  const [told] = turns(detector(), records);
  const texts = told!.verdict.examples!.map(({ text }) => text);
  assert.ok(texts.length >= 2 && texts.every((text) => text.startsWith("a 6")), texts.join());
});

test("records of no seconds, of a source that is away, stale ones and those without events change nothing", () => {
  const records = made((s) => two(at(600, 5, 15)(s)), 700);
  const nothing = (i: number): Measurement[] => [
    said(i, { events: 999, seconds: 0 }),
    said(i, { events: 999, seconds: -1 }),
    said(i, { events: 999, connected: false }),
    said(i, { events: 999, stale: 15 }),
    said(i, { events: null }),
    said(i, { events: -5 }),
    said(i, { events: 1e300 }),
    said(i, { events: 999, seconds: 1e300 }),
    said(i, { events: 999, seconds: 1e-9 }),
  ];
  const [plain, disturbed] = [detector(), detector()];
  const expected = turns(plain, records);
  const got = turns(
    disturbed,
    records.flatMap((record, i) => (i % 20 === 7 ? [...nothing(i + 1), record] : [record])),
  );
  assert.deepEqual(got, expected);
  assert.deepEqual(saved(disturbed.snapshot()), saved(plain.snapshot()));
  assert.equal(
    disturbed.push(said(701, { events: null }), { now: START + 701_000, frozen: false }).score,
    null,
  );
});

test("nothing is told before a minute and 100 events, and a change in the warm-up makes it begin anew", () => {
  assert.deepEqual(
    turns(
      detector(),
      made((s) => two(at(40, 5, 50)(s)), 600),
    ),
    [],
  );
  const slow = detector();
  const scores = made(() => ({ a: 0.5 }), 400).map(
    (record) => slow.push(record, { now: record.t, frozen: false }).score,
  );
  const first = scores.findIndex((score) => score !== null);
  assert.ok(first > 150 && first < 260, `${first}`);
});

test("records in no order of a calm stream are no alarm", () => {
  const records = made(() => two(5), 3000);
  const random = new Random("shuffle");
  const shuffled = records
    .map((record) => ({ record, key: record.t / 1000 + random.uniform() * 300 }))
    .sort((a, b) => a.key - b.key)
    .map(({ record }) => record);
  assert.deepEqual(turns(detector(), shuffled), []);
  assert.deepEqual(
    turns(
      detector(),
      records.map((record) => ({ ...record, t: START })),
    ),
    [],
  );
  assert.deepEqual(turns(detector(), [...records].reverse()), []);
});

test("calm streams of any rate, and a leap of an hour, tell nothing", () => {
  for (const [level, every] of [
    [0.02, 1],
    [1, 1],
    [300, 1],
    [2, 60],
  ] as const) {
    assert.deepEqual(
      turns(
        detector(),
        made(() => ({ a: level }), 7200 * every, { every }),
      ),
      [],
      `${level}`,
    );
  }
  const before = made(() => two(5), 600);
  const leap = said(4200, { events: 36_000, byKey: { a: 18_000, b: 18_000 }, seconds: 3600 });
  assert.deepEqual(turns(detector(), [...before, leap]), []);
});

test("the largest counts there may be, and fractions, are numbers like any other", () => {
  for (const unit of [Number.MAX_SAFE_INTEGER / 100, 0.01]) {
    const records = made((s) => two(at(600, 5, 15)(s)), 700).map((record) => ({
      ...record,
      byKey: { a: (record.byKey!["a"] ?? 0) * unit },
      fields: { events: (record.fields as { events: number }).events * unit },
    }));
    const watched = detector();
    for (const turn of turns(watched, records)) {
      assert.deepEqual(notFinite(turn.verdict), []);
      assert.doesNotMatch(turn.clause, /NaN|Infinity|undefined/);
    }
    assert.deepEqual(notFinite(watched.snapshot()), []);
  }
});

test("a restored detector goes on alike, wherever it was cut", () => {
  const records = made((s) => two(s >= 600 && s < 700 ? 15 : 5), 900);
  const run = (watched: Detector, part: readonly Measurement[]) =>
    part.map((record) => watched.push(record, { now: record.t, frozen: false }));
  const whole = run(detector(), records);
  for (const cut of [0, 1, 59, 60, 333, 602, 650, 703, 899]) {
    const first = detector();
    const head = run(first, records.slice(0, cut));
    const second = detector();
    second.restore(saved(first.snapshot()));
    assert.deepEqual([...head, ...run(second, records.slice(cut))], whole, `cut at ${cut}`);
  }
});

test("a damaged state is refused", () => {
  const watched = detector();
  turns(
    watched,
    made((s) => two(at(600, 5, 15)(s)), 620),
  );
  const state = watched.snapshot();
  for (const bad of [
    null,
    [],
    {},
    { ...state, now: null },
    { ...state, found: { facts: {}, why: [], examples: [] } },
    { ...state, found: { facts: { value: 1, baseline: 1 }, why: [{}], examples: [] } },
    { ...state, watch: {} },
  ]) {
    assert.throws(() => detector().restore(bad), { kind: "badInput" });
  }
});
