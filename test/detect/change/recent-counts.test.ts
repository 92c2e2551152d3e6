import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecentCounts } from "../../../src/detect/change/recent-counts.ts";
import { AWKWARD, counted, saved } from "../changes.ts";

/** One record each second, of one event each; the first begins at 0. */
function seconds(length: number, byKey: (second: number) => Readonly<Record<string, number>> = () => ({})) {
  const recent = new RecentCounts();
  for (let s = 0; s < length; s++) {
    recent.push({}, { start: s * 1000, seconds: 1, events: 1 }, byKey(s));
  }
  return recent;
}
const piecesOf = (recent: RecentCounts) =>
  recent.snapshot()["pieces"] as readonly { readonly size: number }[];

test("of nothing there is nothing", () => {
  const none = { seconds: 0, keyedSeconds: 0, events: 0, keyed: 0, byCategory: new Map() };
  assert.deepEqual(new RecentCounts().between(0), none);
  assert.deepEqual(seconds(5).between(5000), none);
  assert.deepEqual(seconds(5).between(3000, 3000), none);
});

test("the first moment counts, the last one does not", () => {
  const recent = seconds(8, (s) => ({ [`c${s}`]: s }));
  const { seconds: length, events, byCategory } = recent.between(2000, 5000);
  assert.deepEqual([length, events], [3, 3]);
  assert.deepEqual(
    [...byCategory],
    [
      ["c2", 2],
      ["c3", 3],
      ["c4", 4],
    ],
  );
});

test("a record counts once, whoever brings it", () => {
  const recent = new RecentCounts();
  const record = {};
  for (let i = 0; i < 3; i++) recent.push(record, { start: 0, seconds: 1, events: 4 }, { a: 4 });
  assert.equal(recent.between(0).events, 4);
});

test("categories keep their names, whatever objects make of them; counts of 0 are left out", () => {
  const recent = new RecentCounts();
  for (let i = 0; i < 20; i++) {
    recent.push(
      {},
      { start: i, seconds: 1, events: 6 },
      counted(AWKWARD.map((name) => [name, i === 3 ? 0 : 1])),
    );
  }
  recent.push({}, { start: 30, seconds: 1, events: 0 }, { zero: 0 });
  recent.push({}, { start: 31, seconds: 1, events: 9 }, undefined);
  const again = new RecentCounts();
  again.restore(saved(recent.snapshot()));
  for (const each of [recent, again]) {
    assert.deepEqual(
      [...each.between(0).byCategory],
      AWKWARD.map((name) => [name, 19]),
    );
  }
});

test("half an hour is held, in about sixty pieces, whatever comes for how long", () => {
  const recent = new RecentCounts();
  let most = 0;
  for (let s = 0; s < 20_000; s++) {
    recent.push({}, { start: s * 1000, seconds: 1, events: 1 }, { [`new${s}`]: 1 });
    if (s % 61 === 0) most = Math.max(most, piecesOf(recent).length);
  }
  assert.ok(most <= 72, `${most} pieces`);
  assert.ok(recent.between(0).seconds <= 1800 + 256);
  assert.ok(recent.between(0).byCategory.size <= 1800 + 256);
});

test("a stream whose time stands still, or leaps to and fro, takes little more", () => {
  const recent = new RecentCounts();
  for (let i = 0; i < 20_000; i++) {
    recent.push({}, { start: i % 7 === 0 ? 5_000_000 : 0, seconds: 1, events: 1 }, { a: 1 });
  }
  assert.ok(piecesOf(recent).length <= 120);
});

test("after a leap of an hour what came before it is gone", () => {
  const recent = seconds(100);
  recent.push({}, { start: 3_700_000, seconds: 1, events: 7 }, undefined);
  assert.equal(recent.between(0).events, 7);
});

test("the last seven records are told exactly, older ones with an error of less than one piece", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 700 }), fc.nat(700), (list, first) => {
      const recent = new RecentCounts();
      list.forEach((events, s) => {
        const byKey = { [`c${s % 5}`]: events };
        recent.push({}, { start: s * 1000, seconds: 1, events }, byKey);
      });
      const from = first % list.length;
      const told = recent.between(from * 1000);
      const truth = list.slice(from).reduce((sum, events) => sum + events, 0);
      assert.equal(
        [...told.byCategory.values()].reduce((sum, count) => sum + count, 0),
        told.events,
      );
      const age = list.length - from;
      if (age <= 7) assert.deepEqual([told.events, told.seconds], [truth, age]);
      // What is missing is the rest of the piece that `from` is in: such a piece is a seventh of what came after it.
      assert.ok(told.seconds <= age && told.seconds >= age * (7 / 8) - 1, `${told.seconds} of ${age}`);
      assert.ok(told.events <= truth);
      const whole = recent.between(0);
      const before = recent.between(0, from * 1000);
      assert.equal(before.events + told.events, whole.events);
    }),
    { numRuns: 60 },
  ));

test("restored counts go on alike; damaged ones are refused", () => {
  const first = seconds(500, (s) => ({ [`c${s % 3}`]: 1 }));
  const again = new RecentCounts();
  again.restore(saved(first.snapshot()));
  assert.deepEqual(again.snapshot(), first.snapshot());
  for (const each of [first, again]) each.push({}, { start: 500_000, seconds: 1, events: 2 }, { c0: 2 });
  assert.deepEqual(again.between(400_000), first.between(400_000));
  assert.throws(() => again.restore({ pieces: [{ start: 0 }] }), { kind: "badInput" });
  assert.throws(() => again.restore(null), { kind: "badInput" });
});
