import assert from "node:assert/strict";
import { test } from "node:test";
import { PLAIN_WORDS } from "../../src/detect/change-words.ts";
import type { Detector } from "../../src/detect/detector.ts";
import { shift } from "../../src/detect/shift.ts";
import type { Measurement } from "../../src/records/measurement.ts";
import { Random } from "../../src/simulate/random.ts";
import { AWKWARD, counted, made, notFinite, recent, said, saved, secondOf, turns } from "./changes.ts";
import { START } from "./worlds.ts";

const detector = (words = PLAIN_WORDS): Detector => shift({ perDay: 1, words, recent: recent() });
const usual = { a: 6, b: 4, c: 3, d: 1 };
const from =
  (change: number, changed: Readonly<Record<string, number>>, end = 1e9) =>
  (s: number) =>
    s >= change && s < end ? { ...usual, ...changed } : usual;
const sumOf = (why: readonly { readonly share: number }[]) => why.reduce((sum, { share }) => sum + share, 0);
const categories = ({
  verdict,
}: {
  readonly verdict: { readonly why?: readonly { readonly category: string }[] };
}) => (verdict.why ?? []).map(({ category }) => category);

test("a share that rises is told within seconds, with what it is, what is usual and since when; so is its end", () => {
  const [told, over, ...more] = turns(detector(), made(from(900, { d: 9 }, 1200), 1800));
  assert.deepEqual(more, []);
  assert.ok(told!.at > 900 && told!.at <= 910, `${told!.at}`);
  const { verdict, clause } = told!;
  assert.ok(Math.abs(secondOf(verdict.since) - 900) <= 3);
  assert.deepEqual([verdict.field, verdict.direction, categories(told!)[0]], ["share.d", "up", "d"]);
  assert.ok(Math.abs(verdict.baseline! - 1 / 14) < 0.02 && verdict.value! > 0.25);
  assert.ok(verdict.score! >= verdict.threshold! && sumOf(verdict.why!) <= 1.01);
  assert.match(
    clause,
    /^d makes up [\d.]+ % of events instead of [67](\.\d+)? %.*, since 00:1[45]:\d\d UTC$/,
  );
  assert.ok(over!.at > 1200 && over!.at <= 1230, `${over!.at}`);
  assert.equal(over!.verdict.ended, "returned");
  assert.match(
    over!.clause,
    /^shares are as usual again: d [5-9](\.\d)? % of events( \(usual is [67](\.\d)? %\))?/,
  );
});

test("a swap names both, the one that lost as well as the one that won", () => {
  const [told] = turns(detector(), made(from(900, { a: 1, d: 6 }), 960));
  assert.ok(told!.at <= 910, `${told!.at}`);
  assert.deepEqual(new Set(categories(told!)), new Set(["a", "d"]));
  assert.match(told!.clause, / % of events instead of [\d.]+ % and [ad] [\d.]+ % instead of [\d.]+ %, since/);
});

test("a category that was not there is told as not seen of late", () => {
  const [told] = turns(detector(), made(from(900, { new: 3 }), 960));
  assert.ok(told!.at <= 910, `${told!.at}`);
  assert.equal(told!.verdict.field, "share.new");
  assert.match(told!.clause, /^new, not seen of late, makes up [\d.]+ % of events, since/);
});

test("two new categories are both told as not seen of late", () => {
  const records = made(from(900, { new: 4, newer: 4 }), 960);
  const watched = detector();
  for (const record of records) watched.push(record, { now: record.t, frozen: false });
  assert.match(watched.clause("firing", 0), /newe?r?, not seen of late, has [\d.]+ %/);
});

test("three times as many of all, or a third, is no shift", () => {
  for (const factor of [3, 1 / 3]) {
    const rates = (s: number) =>
      Object.fromEntries(Object.entries(usual).map(([name, rate]) => [name, s < 900 ? rate : rate * factor]));
    assert.deepEqual(turns(detector(), made(rates, 2400)), []);
  }
});

test("what lasts 15 min is usual then, and nothing more is told of it", () => {
  const [told, over, ...more] = turns(detector(), made(from(900, { d: 9 }), 5400));
  assert.equal(over!.at - told!.at, 900);
  assert.equal(over!.verdict.ended, "new-normal");
  assert.match(over!.clause, /^d (39|40|41)(\.\d)? % of events(, | and )?.*counts? as usual from now on$/);
  assert.deepEqual(more, []);
});

test("many categories are told as three and how many more; five are named in the record", () => {
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, 2]));
  const watched = detector({ noun: "RSVP", nameOf: (category) => category.toUpperCase() });
  const records = made(from(900, many), 960);
  const said = records.map((record) => watched.push(record, { now: record.t, frozen: false }));
  const clause = watched.clause("firing", 0);
  assert.match(
    clause,
    /^N\d, not seen of late, makes up [\d.]+ % of RSVPs, \w+.* [\d.]+ %, \w+.* [\d.]+ % and \d+ more, since /,
  );
  const { why } = said.at(-1)!;
  assert.equal(why!.length, 5);
  assert.ok(sumOf(why!) <= 1.01);
  // It is not told as older than what has been told before it.
  assert.match(watched.clause("firing", START + 905_000), /since 00:15:05 UTC$/);
});

test("names that objects take for their own, and long ones, are told like any other", () => {
  for (const name of AWKWARD) {
    const records = made(from(900, { d: 9 }), 930).map((record) => ({
      ...record,
      byKey: counted(
        Object.entries(record.byKey!).map(([key, count]) => [key === "d" ? name : key, count] as const),
      ),
    }));
    const [told] = turns(detector(), records);
    assert.equal(told!.verdict.field, `share.${name}`);
    assert.deepEqual(categories(told!)[0], name);
    assert.ok(told!.clause.length < 400);
    assert.doesNotMatch(told!.clause, /NaN|Infinity|undefined/);
  }
});

test("an alert shows events of what has risen, not of what has fallen", () => {
  const records = made(from(900, { a: 1, d: 6 }), 930).map((record, i) => ({
    ...record,
    samples: ["a", "d"].map((key) => ({ key, id: null, text: `${key} ${i}`, url: null })),
  }));
  const [told] = turns(detector(), records);
  const texts = told!.verdict.examples!.map(({ text }) => text);
  assert.ok(texts.length >= 1 && texts.every((text) => text.startsWith("d 9")), texts.join());
});

test("records of no seconds, of a source that is away, stale ones and those without categories change nothing", () => {
  const records = made(from(900, { d: 9 }), 960);
  const byKey = { z: 999 };
  const nothing = (i: number): Measurement[] => [
    said(i, { byKey, seconds: 0 }),
    said(i, { byKey, seconds: -1 }),
    said(i, { byKey, connected: false }),
    said(i, { byKey, stale: 15 }),
    said(i, { events: 999 }),
    said(i, { byKey, seconds: 1e300 }),
  ];
  const [plain, disturbed] = [detector(), detector()];
  const expected = turns(plain, records);
  const got = turns(
    disturbed,
    records.flatMap((record, i) => (i % 20 === 7 ? [...nothing(i + 1), record] : [record])),
  );
  assert.deepEqual(got, expected);
  assert.deepEqual(saved(disturbed.snapshot()), saved(plain.snapshot()));
});

test("nothing is told before 300 events", () => {
  const few = made((s) => (s < 50 ? { a: 0.5, b: 0.5 } : { z: 1 }), 200);
  assert.deepEqual(turns(detector(), few), []);
});

test("calm streams tell nothing: in any order, at any time, and after a night without events", () => {
  const records = made(() => usual, 3000);
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
  const night = Array.from({ length: 3600 }, (_, i) => said(3000 + (i + 1) * 10, { byKey: {}, seconds: 10 }));
  const morning = made(() => usual, 1200, { seed: 2 }).map((record) => ({
    ...record,
    t: record.t + 39_000_000,
  }));
  assert.deepEqual(turns(detector(), [...records, ...night, ...morning]), []);
});

test("where events stop during a change, its end is seen when they come again", () => {
  const records = made((s) => (s >= 930 && s < 2400 ? {} : from(900, { d: 9 }, 930)(s)), 2700);
  const [told, over, ...more] = turns(detector(), records);
  assert.ok(told!.at <= 910);
  assert.deepEqual(notFinite(over!.verdict), []);
  assert.ok(over!.at <= 2430, `${over!.at}`);
  assert.deepEqual(more, []);
});

test("new categories in every record for long: a thousand are told apart, and nothing grows without end", () => {
  const watched = detector();
  let n = 0;
  let kept = 0;
  for (let s = 1; s <= 2000; s++) {
    const byKey = counted(Array.from({ length: 5 }, () => [`n${n++}`, 1] as const));
    const verdict = watched.push(said(s, { byKey }), { now: START + s * 1000, frozen: false });
    assert.deepEqual(notFinite(verdict), []);
    if (s === 1000) kept = (watched.snapshot()["subject"] as unknown[]).length;
  }
  const { subject, recent: counts } = watched.snapshot() as {
    subject: unknown[];
    recent: { pieces: unknown[] };
  };
  assert.equal(subject.length, 1000);
  assert.equal(kept, 1000);
  assert.ok(counts.pieces.length <= 72);
});

test("where more categories come than are told apart, a change of a common one is told still", () => {
  let n = 0;
  const records = made((s) => ({ ...from(900, { d: 9 })(s), rare: 3 }), 960).map((record) => {
    const { rare = 0, ...others } = record.byKey!;
    const one = Array.from({ length: rare }, () => [`r${n++}`, 1] as const);
    return { ...record, byKey: { ...others, ...Object.fromEntries(one) } };
  });
  const [told] = turns(detector(), records);
  assert.ok(n > 1000 && told!.at > 900 && told!.at <= 915, `${told?.at}`);
  assert.equal(told!.verdict.field, "share.d");
});

test("the largest counts there may be, and fractions, are numbers like any other", () => {
  for (const unit of [Number.MAX_SAFE_INTEGER / 100, 0.01, 1e-9]) {
    const records = made(from(900, { d: 9 }), 960).map((record) => ({
      ...record,
      byKey: Object.fromEntries(Object.entries(record.byKey!).map(([key, count]) => [key, count * unit])),
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
  const records = made(from(600, { d: 9, new: 1 }, 700), 900);
  const run = (watched: Detector, part: readonly Measurement[]) =>
    part.map((record) => watched.push(record, { now: record.t, frozen: false }));
  const whole = run(detector(), records);
  for (const cut of [0, 1, 30, 61, 333, 602, 605, 650, 706, 899]) {
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
    made(() => usual, 100),
  );
  const state = watched.snapshot();
  for (const bad of [null, {}, { ...state, subject: [7] }, { ...state, found: 3 }, { ...state, recent: 1 }]) {
    assert.throws(() => detector().restore(bad), { kind: "badInput" });
  }
});
