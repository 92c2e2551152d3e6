import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compose, type Stage } from "../../src/core/stage.ts";
import type { CountRule } from "../../src/distribution/count-rule.ts";
import type { View } from "../../src/distribution/counts.ts";
import { eventStats, type StatsInput } from "../../src/distribution/event-stats.ts";
import type { ShowEvent } from "../../src/distribution/sampling.ts";
import { eventWindow } from "../../src/rate/event-window.ts";
import { type Gap, interarrivals } from "../../src/rate/interarrivals.ts";
import { type RateInput, rates } from "../../src/rate/rates.ts";
import { reorder } from "../../src/rate/reorder.ts";
import type { RateRecord } from "../../src/records/rate.ts";
import type { StatsRecord } from "../../src/records/stats.ts";
import { feed } from "../support/feed.ts";

const NOON = 1_489_924_800_000;
const RULE: CountRule = { latenessMs: 5000, categoriesMax: 1000 };
const event = (at: number, key: string | null = null, t = at): StatsInput => ({
  kind: "event",
  t: NOON + t,
  at: NOON + at,
  key,
  connected: true,
});
const tick = (at: number, connected = true): StatsInput => ({
  kind: "tick",
  t: NOON + at,
  at: NOON + at,
  key: null,
  connected,
});

interface Setting {
  readonly rule?: CountRule;
  readonly over?: View | undefined;
  readonly window?: number;
  readonly show?: ShowEvent;
}
let refusals = 0;
const stage = ({ rule = RULE, window = 120, ...rest }: Setting = {}): Stage<StatsInput, StatsRecord> =>
  eventStats({
    stream: "s",
    rule,
    over: "over" in rest ? rest.over : "all",
    refused: () => refusals++,
    show: rest.show,
    window: eventWindow({ window, lateness: rule.latenessMs }),
  });
const told = (input: readonly StatsInput[], setting?: Setting) => feed(stage(setting), input);

test("no input gives no record", () => assert.deepEqual(told([]), []));

test("a record has its fields in their order, rate first", () =>
  assert.deepEqual(
    JSON.stringify(told([event(100, "CA"), event(350, "NY", 200), event(500, null)])), // one line
    JSON.stringify([
      {
        t: NOON + 500,
        stream: "s",
        avg: 0.2,
        rate: 5,
        count: 2,
        window: 120,
        events: 3,
        seconds: 1,
        late: 0,
        silence: 0,
        connected: true,
        stale: 0,
        entropy: 1,
        entropyCorrected: null,
        n: 2,
        categories: 2,
        byKey: { CA: 1, NY: 1 },
      },
    ]),
  ));

test("each second tells the events that arrived in it; late ones are counted, but are not of the moment", () => {
  const records = told([
    event(100, "CA"),
    event(900, "NY", -4100),
    event(950, "NY", -4050),
    event(1500, "CA", -9000),
  ]);
  assert.deepEqual(
    records.map(({ t, events, late, byKey, n }) => [t - NOON, events, late, byKey, n]),
    [
      [1000, 3, 0, { CA: 1, NY: 2 }, 3],
      [1500, 0, 1, {}, 4],
    ],
  );
});

test("a leap of more than a minute is one record; of quarters of an hour too, and nothing is lost in it", () => {
  const records = told([event(0, "CA"), event(7_200_500, "NY")]);
  assert.deepEqual(
    records.map(({ t, seconds, byKey, silence }) => [t - NOON, seconds, byKey, silence]),
    [
      [7_200_000, 7200, { CA: 1 }, 7200],
      [7_200_500, 1, { NY: 1 }, 0],
    ],
  );
});

test("events of no category, of none that is counted and of one too many are events all the same", () => {
  refusals = 0;
  const rule = { ...RULE, categoriesMax: 1 };
  const input = [event(1, "CA"), event(2, null), event(3, "NY"), event(4, "CA")];
  const [record] = told(input, { rule });
  assert.deepEqual([record?.events, record?.byKey, record?.n, refusals], [4, { CA: 2 }, 2, 1]);
  const [other] = told(input, { rule: { ...rule, other: "other" } });
  assert.deepEqual([other?.byKey, other?.n], [{ CA: 2, other: 1 }, 3]);
  const [keys] = told(input, { rule: { ...RULE, keys: new Set(["NY"]) } });
  assert.deepEqual([keys?.events, keys?.byKey], [4, { NY: 1 }]);
});

test("recent counts halve in an hour, all do not, and without a view nothing is told of either", () => {
  const input = [event(0, "CA"), event(0, "NY"), tick(3_600_000)];
  assert.deepEqual([told(input, { over: "recent" }).at(-1)?.n, told(input).at(-1)?.n], [1, 2]);
  const [nothing] = told(input, { over: undefined });
  assert.deepEqual([nothing?.entropy, nothing?.n, nothing?.categories], [null, null, null]);
});

/** Shows the events that are asked for as numbers, from 1 on. */
function numbered(): ShowEvent {
  let asked = 0;
  return () => ({ id: null, words: String(++asked), url: undefined, noun: "event" });
}

test("a second's examples are fresh events, at most three, with the category they count under; else there is no such field", () => {
  const second = Array.from({ length: 100 }, (_, i) => event(i, "TX"));
  const rule = { ...RULE, keys: new Set(["CA"]), other: "other" };
  const input = [event(0, "CA", -9000), ...second, event(1000, "CA"), event(2000, "TX", -9000)];
  const records = told(input, { rule, show: numbered() });
  assert.deepEqual(
    records.map(({ examples }) => examples?.map(({ key, text }) => `${key} ${text}`)),
    [["other 1", "other 2", "other 3"], ["CA 4"], undefined],
  );
  assert.ok(!("examples" in records[2]!));
  assert.ok(told(input, { rule }).every((record) => !("examples" in record)));
  const nothing = () => ({ id: null, words: undefined, url: undefined, noun: "event" });
  assert.ok(told(input, { show: nothing }).every((record) => !("examples" in record)));
});

test("seconds in which the source was away are none, and the record says so", () =>
  assert.deepEqual(
    told([tick(0), tick(1000, false), tick(2000), tick(3000)]).map(({ seconds, connected }) => [
      seconds,
      connected,
    ]),
    [
      [0, false],
      [0, true],
      [1, true],
      [0, true],
    ],
  ));

test("categories may have any name", () => {
  const [record] = told([event(1, "__proto__"), event(2, "constructor"), event(3, ""), event(4, "7")]);
  assert.equal(JSON.stringify(record?.byKey), '{"7":1,"":1,"__proto__":1,"constructor":1}');
});

/** Events and ticks whose arrivals go on, mostly, and whose times lag behind, mostly a little. */
const stories = fc
  .array(
    fc.record({
      wait: fc.oneof(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: -500, max: 100_000 })),
      lag: fc.oneof(fc.integer({ min: 0, max: 6000 }), fc.integer({ min: -60_000, max: 3_600_000 })),
      key: fc.constantFrom("CA", "NY", "__proto__", null),
      kind: fc.constantFrom("event", "event", "event", "tick" as const),
    }),
    { maxLength: 80 },
  )
  .map((steps) => {
    let at = 0;
    return steps.map(({ wait, lag, key, kind }) => {
      at = Math.max(0, at + wait);
      return kind === "tick" ? tick(at) : event(at, key, at - lag);
    });
  });

test("fresh and late events add up to the events, and so does each category, in any disorder", () =>
  fc.assert(
    fc.property(stories, (input) => {
      const records = told(input);
      const events = input.filter(({ kind }) => kind === "event");
      const sum = (field: "events" | "late") =>
        records.reduce((total, record) => total + (record[field] ?? 0), 0);
      assert.equal(sum("events") + sum("late"), events.length);
      const fresh = events.filter(({ t, at }) => at - t <= 5000);
      assert.equal(sum("events"), fresh.length);
      for (const key of ["CA", "NY", "__proto__"]) {
        const counted = records.reduce(
          (total, { byKey }) => total + (Object.hasOwn(byKey, key) ? byKey[key]! : 0),
          0,
        );
        assert.equal(counted, fresh.filter((one) => one.key === key).length);
      }
      assert.equal(records.at(-1)?.n ?? 0, events.filter(({ key }) => key !== null).length);
    }),
  ));

/** What `diff | avg --stdin` tells of the same. */
function piped(input: readonly StatsInput[], window: number): RateRecord[] {
  const gaps: RateInput[] = [];
  const differ = compose(
    reorder<StatsInput>({ lateness: 5000, late() {} }),
    interarrivals(() => {}),
  )((gap: Gap) => gaps.push({ kind: "gap", ...gap, connected: true }));
  for (const record of input) {
    if (record.kind === "event") differ.push(record);
    else {
      differ.tick?.(record.at);
      gaps.push({ kind: "tick", t: record.at, at: record.at, diff: 0, connected: record.connected });
    }
  }
  differ.end?.();
  return feed(rates({ stream: "s", window }), gaps);
}

const windowOf = ({ avg, rate, count }: RateRecord) => JSON.stringify({ avg, rate, count });

test("the window is that of diff | avg --stdin at the same time", () => {
  let compared = 0;
  fc.assert(
    fc.property(stories, fc.constantFrom(1, 2.5, 120), (input, window) => {
      const records = piped(input, window);
      for (const record of told(input, { window })) {
        // A second that ends with the input is told twice: without what came at its very end, and with it.
        const same = records.filter(({ t }) => t === record.t).map(windowOf);
        // diff holds the first events, so avg may first hear of the stream at the very end of a second, with all that came.
        if (same.length === 0 || record.t === records[0]?.t) continue;
        compared++;
        assert.ok(same.includes(windowOf(record)), `${windowOf(record)} is none of ${same}`);
      }
    }),
  );
  assert.ok(compared > 50, `${compared} compared`);
});
