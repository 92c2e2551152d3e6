import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { secondOf } from "../../src/core/stream-time.ts";
import { CountTable } from "../../src/distribution/count-table.ts";

const NOON = 1_489_924_800_000;
const HOUR = 3_600_000;
const RULE = { latenessMs: 5000, categoriesMax: 1000 };
const seconds = (table: CountTable) => table.completed(Number.NEGATIVE_INFINITY, 900);

test("an empty table has no time, no seconds and no weights", () => {
  const table = new CountTable();
  assert.equal(table.time, Number.NEGATIVE_INFINITY);
  assert.deepEqual([table.newest, table.connected, seconds(table)], [undefined, true, []]);
  assert.deepEqual([table.weights("all").size, table.weights("recent").size], [0, 0]);
});

test("events count by category, plainly and decayed, and fresh ones in the second they arrived in", () => {
  const table = new CountTable(RULE);
  assert.equal(table.add("CA", NOON, NOON + 999), "counted");
  assert.equal(table.add("NY", NOON - 4001, NOON + 999), "counted");
  assert.equal(table.add("CA", NOON - 4002, NOON + 999), "counted", "late, but counted");
  assert.equal(table.add(null, NOON, NOON + 999), "unkeyed");
  table.add("CA", NOON + 1000, NOON + 1000);
  table.mark(NOON + 2000, true);
  assert.deepEqual(table.weights("all"), new Map(Object.entries({ CA: 3, NY: 1 })));
  const second = secondOf(NOON);
  assert.deepEqual(seconds(table), [
    {
      second,
      connected: true,
      byKey: new Map(Object.entries({ CA: 1, NY: 1 })),
      rest: 1,
      late: 1,
      samples: [],
    },
    { second: second + 1, connected: true, byKey: new Map([["CA", 1]]), rest: 0, late: 0, samples: [] },
  ]);
});

test("recent halves in an hour of stream time, and by the square root of two in half an hour", () => {
  const table = new CountTable(RULE);
  for (let i = 0; i < 8; i++) table.add("CA", NOON, NOON);
  const recent = () => table.weights("recent").get("CA")!;
  assert.equal(recent(), 8);
  table.mark(NOON + HOUR / 2, true);
  assert.ok(Math.abs(recent() - 8 / Math.SQRT2) < 1e-14);
  table.mark(NOON + HOUR, true);
  assert.equal(recent(), 4);
  table.mark(NOON + 100 * HOUR, true);
  assert.ok(Math.abs(recent() / (8 * 2 ** -100) - 1) < 1e-12);
  assert.equal(table.weights("all").get("CA"), 8);
});

test("an event that is stamped a day ahead weighs nothing extra, and is not the newest beyond its arrival", () => {
  const table = new CountTable(RULE);
  table.add("CA", NOON, NOON);
  table.add("NY", NOON + 24 * HOUR, NOON);
  assert.deepEqual([...table.weights("recent").values()], [1, 1]);
  assert.deepEqual([table.time, table.newest], [NOON, NOON]);
});

test("an event that arrived earlier than others weighs by stream time, and counts in the second of that", () => {
  const table = new CountTable(RULE);
  table.add("CA", NOON + HOUR, NOON + HOUR);
  table.add("NY", NOON + HOUR - 3000, NOON + HOUR - 3000);
  assert.deepEqual([...table.weights("recent").values()], [1, 1]);
  assert.equal(table.time, NOON + HOUR);
  table.mark(NOON + HOUR + 1000, true);
  assert.deepEqual(seconds(table), [
    {
      second: secondOf(NOON + HOUR),
      connected: true,
      byKey: new Map(Object.entries({ CA: 1, NY: 1 })),
      rest: 0,
      late: 0,
      samples: [],
    },
  ]);
});

test("a key of more than 256 characters is no category, or other; its event counts all the same", () => {
  const [longest, longer] = ["k".repeat(256), "k".repeat(257)];
  const plain = new CountTable({ ...RULE, keys: new Set([longest]) });
  assert.equal(plain.add(longest, NOON, NOON), "counted");
  assert.equal(plain.add(longer, NOON, NOON), "refused");
  assert.equal(plain.add(longer, NOON - 9000, NOON), "refused");
  const rest = new CountTable({ ...RULE, other: "other" });
  assert.equal(rest.add(longer, NOON, NOON), "counted");
  for (const table of [plain, rest]) table.mark(NOON + 1000, true);
  assert.deepEqual([seconds(plain)[0]?.rest, seconds(plain)[0]?.late], [1, 1]);
  assert.deepEqual(rest.weights("all"), new Map([["other", 1]]));
});

test("categories beyond the most there may be count as none, or as other; other itself is always added", () => {
  const plain = new CountTable({ ...RULE, categoriesMax: 2 });
  assert.deepEqual(
    ["a", "b", "c", "a"].map((key) => plain.add(key, NOON, NOON)),
    ["counted", "counted", "refused", "counted"],
  );
  const rest = new CountTable({ ...RULE, categoriesMax: 2, other: "other" });
  for (const key of ["a", "b", "c", "d", "other", null]) rest.add(key, NOON, NOON);
  assert.deepEqual(rest.weights("all"), new Map(Object.entries({ a: 1, b: 1, other: 3 })));
  for (const table of [plain, rest]) table.mark(NOON + 1000, true);
  assert.equal(seconds(plain)[0]?.rest, 1);
  assert.equal(seconds(rest)[0]?.rest, 1, "an event without a key is never of another category");
});

test("with keys only those are categories; the rest is no category, or other", () => {
  const keys = new Set(["CA", "NY"]);
  const events = ["CA", "ca", "TX", "NY", null];
  const plain = new CountTable({ ...RULE, keys });
  const outcomes = events.map((key) => plain.add(key, NOON, NOON));
  assert.deepEqual(outcomes, ["counted", "left-out", "left-out", "counted", "unkeyed"]);
  const rest = new CountTable({ ...RULE, keys, other: "other" });
  for (const key of events) rest.add(key, NOON, NOON);
  assert.deepEqual(rest.weights("all"), new Map(Object.entries({ CA: 1, other: 2, NY: 1 })));
});

test("fifteen minutes of seconds are kept, with those in which the source was not heard", () => {
  const table = new CountTable(RULE);
  table.mark(NOON, true);
  table.mark(NOON + 2000, false);
  table.add("CA", NOON + 5000, NOON + 5000);
  table.mark(NOON + 6000, true);
  table.mark(NOON + 8000, true);
  const connected = () =>
    seconds(table)
      .map((second) => (second.connected ? "+" : "-"))
      .join("");
  assert.equal(connected(), "------++");
  table.mark(NOON + 10 * HOUR, true);
  assert.equal(connected(), "+".repeat(900));
});

test("nothing is lost and nothing doubled, in whatever order events arrive", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.constantFrom("a", "b", "__proto__", null), fc.integer({ min: -9000, max: 600_000 })),
      ),
      (events) => {
        const table = new CountTable(RULE);
        for (const [key, at] of events) table.add(key, NOON, NOON + at);
        table.mark(NOON + 601_000, true);
        const counted = [...table.weights("all").values()].reduce((sum, count) => sum + count, 0);
        assert.equal(counted, events.filter(([key]) => key !== null).length);
        const there = seconds(table).flatMap(({ byKey, rest, late }) => [...byKey.values(), rest, late]);
        assert.equal(
          there.reduce((sum, count) => sum + count, 0),
          events.length,
        );
      },
    ),
  ));
