import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_RULE } from "../../src/distribution/count-rule.ts";
import type { StatsRecord } from "../../src/records/stats.ts";
import { CountBatches } from "../../src/store/count-batches.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { nextSecond } from "../../src/store/poll-view.ts";
import { statsView } from "../../src/store/stats-view.ts";
import type { Branch, Store } from "../../src/store/store.ts";
import { batchOf, NOON, tickAt } from "./contract.ts";

const STREAM = "rsvps";
let store: Store;
let now = 0;
beforeEach(() => {
  now = 0;
  texts = new Map();
  store = memoryStore({ elapsed: () => now });
});

/** Gaps of a second each, released at these times, s after noon. */
const gaps = (...times: readonly number[]) =>
  store.commit(batchOf(times.map((time) => ({ at: NOON + time * 1000, micros: 1e6 }))));
const gapTick = (time: number, connected = true) => store.commit(tickAt(NOON + time * 1000, connected));
let sequence = 0;
type CountRecord = readonly [key: string | null, at: number, t?: number] | number;
/** What messages say, by the time they arrive at, s after noon. */
let texts = new Map<number, string>();
/** Events of categories, at these times, s after noon; a number alone is a tick. */
async function counts(...records: readonly CountRecord[]) {
  let at = 0;
  const show = () => ({ id: null, words: texts.get(at), url: undefined, noun: "event" });
  const batches = new CountBatches(STREAM, DEFAULT_RULE, show);
  for (const record of records) {
    if (typeof record === "number") batches.tick(NOON + record * 1000, true);
    else {
      const [key, arrival, t = arrival] = record;
      at = arrival;
      batches.event(key, NOON + t * 1000, NOON + at * 1000);
    }
  }
  for (const { batch } of batches.take()) {
    await store.commitCounts({ ...batch, writer: "w", sequence: ++sequence });
  }
}

const viewOf = (branches: readonly Branch[] = ["gaps", "counts"]) =>
  statsView(store, { branches, over: "all", part: (record) => record });

/** Polls that go on, each from where the one before ended. */
function poller(view = viewOf()) {
  let from: number | undefined;
  return async (): Promise<StatsRecord> => {
    const answer = await view.read({ stream: STREAM, seconds: from === undefined ? 0 : 900, from });
    assert.ok(answer, "there is an answer");
    from = nextSecond(view, answer, from);
    return view.now(STREAM, answer);
  };
}
const brief = ({ t, count, events, seconds, late, byKey, n }: StatsRecord) => ({
  t: (t - NOON) / 1000,
  count,
  events,
  seconds,
  late,
  byKey,
  n,
});

test("nothing stored is no answer, of either branch, and the streams are those of both", async () => {
  const view = viewOf();
  assert.equal(await view.read({ stream: STREAM, seconds: 60 }), undefined);
  await store.commit(batchOf([{ at: NOON, micros: 1 }], { stream: "z" }));
  await counts(["CA", 1]);
  assert.deepEqual(await view.streams(), [STREAM, "z"]);
  assert.deepEqual(await viewOf(["counts"]).streams(), [STREAM]);
});

test("the window goes by the gaps' stream time, everything else by the counts'", async () => {
  await gaps(0, 5);
  await counts(["CA", 0], [null, 1], ["NY", 2.5, -9], ["CA", 4], 4.5);
  now += 700;
  const poll = poller();
  await poll();
  await counts(["TX", 6], 7);
  const record = await poll();
  assert.deepEqual(brief(record), {
    t: 7,
    count: 2,
    events: 2,
    seconds: 3,
    late: 0,
    byKey: { CA: 1, TX: 1 },
    n: 4,
  });
  assert.deepEqual([record.silence, record.connected, record.stale, record.avg], [1, true, 0, 1]);
});

test("a branch that is 15 s behind still counts, one that is further behind is not there", async () => {
  await gaps(0, 15);
  await counts(["CA", 0]);
  const view = viewOf();
  const look = async () => {
    const answer = await view.read({ stream: STREAM, seconds: 60 });
    assert.ok(answer);
    return { record: view.now(STREAM, answer), remark: view.remark?.(STREAM, answer) };
  };
  assert.deepEqual(brief((await look()).record), {
    t: 0,
    count: 2,
    events: 0,
    seconds: 0,
    late: 0,
    byKey: {},
    n: 1,
  });
  assert.equal((await look()).remark, undefined);

  await gaps(16);
  const frozen = await look();
  assert.deepEqual(brief(frozen.record), {
    t: 16,
    count: 3,
    events: 2,
    seconds: 16,
    late: null,
    byKey: {},
    n: null,
  });
  assert.match(frozen.remark ?? "", /^insert-distribution has stored nothing .* lately.*entropy/);

  await counts(31);
  assert.equal((await look()).record.count, 3, "15 s behind");
  await counts(32);
  const late = await look();
  assert.deepEqual([late.record.t, late.record.count, late.record.avg], [NOON + 32_000, null, null]);
  assert.match(late.remark ?? "", /^redis-insert has stored nothing .* lately.*avg/);
});

test("no second is told twice, and none is left out, when a branch dies and comes back", async () => {
  const poll = poller();
  const told: StatsRecord[] = [];
  const backlog: CountRecord[] = [];
  for (let second = 0; second <= 120; second++) {
    await gaps(second + 0.5);
    backlog.push(["CA", second + 0.2], second + 0.6);
    // Stopped from 30 on; from 60 on it makes up for what it did not read then, five seconds at a time.
    if (second < 30 || second >= 60) await counts(...backlog.splice(0, 10));
    told.push(await poll());
  }
  const sum = (field: "events" | "seconds") => told.reduce((total, record) => total + record[field]!, 0);
  assert.equal(sum("seconds"), 120);
  assert.equal(sum("events"), 120);
  assert.ok(told.some(({ n }) => n === null) && told.at(-1)?.n !== null, "each has led");
});

test("a branch that comes back a little behind tells nothing until it is past what was told", async () => {
  await gaps(0, 40);
  const poll = poller();
  await poll();
  await gaps(50);
  assert.equal((await poll()).events, 1);
  await counts(["CA", 39], ["CA", 41], 45);
  assert.deepEqual(brief(await poll()), {
    t: 45,
    count: 3,
    events: 0,
    seconds: 0,
    late: 0,
    byKey: {},
    n: 2,
  });
  await counts(["NY", 49.5], ["CA", 50], ["CA", 51], 52);
  assert.deepEqual((await poll()).byKey, { CA: 2 });
});

test("a store that was emptied begins anew", async () => {
  const view = viewOf();
  await gaps(3600);
  const before = await view.read({ stream: STREAM, seconds: 0 });
  assert.ok(before);
  const from = nextSecond(view, before, undefined);
  store = memoryStore({ elapsed: () => now });
  await gaps(10);
  const after = await viewOf().read({ stream: STREAM, seconds: 900, from });
  assert.ok(after);
  assert.deepEqual(after.gaps?.completed, []);
  assert.equal(nextSecond(view, after, from), NOON / 1000 + 10);
});

test("each second since the last run is one record; only the last one knows the totals", async () => {
  await gaps(0.1, 1.2, 1.3, 4.5);
  await counts(["CA", 0.1], ["NY", 1.2], [null, 1.3], ["CA", 4.5, -6], 5.5);
  const view = viewOf();
  const answer = await view.read({ stream: STREAM, seconds: 900, from: NOON / 1000 });
  assert.ok(answer);
  const records = view.each(STREAM, answer, NOON - 2000);
  assert.deepEqual(records.map(brief), [
    { t: 1, count: 1, events: 1, seconds: 1, late: 0, byKey: { CA: 1 }, n: null },
    { t: 2, count: 3, events: 2, seconds: 1, late: 0, byKey: { NY: 1 }, n: null },
    { t: 3, count: 3, events: 0, seconds: 1, late: 0, byKey: {}, n: null },
    { t: 4, count: 3, events: 0, seconds: 1, late: 0, byKey: {}, n: null },
    { t: 5.5, count: 4, events: 0, seconds: 1, late: 1, byKey: {}, n: 3 },
  ]);
  assert.deepEqual(
    records.map(({ silence }) => silence),
    [0, 0.7, 1.7, 2.7, 4.2],
  );
});

test("past seconds of the gaps alone are told as avg tells them", async () => {
  await gaps(0.1, 1.2, 2.5);
  const view = viewOf();
  const answer = await view.read({ stream: STREAM, seconds: 900 });
  assert.ok(answer);
  assert.deepEqual(view.each(STREAM, answer, undefined).map(brief), [
    { t: 1, count: 1, events: 1, seconds: 1, late: null, byKey: {}, n: null },
    { t: 2.5, count: 3, events: 1, seconds: 1, late: null, byKey: {}, n: null },
  ]);
});

test("without a completed second there is one record of now, of no seconds", async () => {
  await counts(["CA", 0.1]);
  const view = viewOf();
  const answer = await view.read({ stream: STREAM, seconds: 900 });
  assert.ok(answer);
  assert.deepEqual(view.each(STREAM, answer, undefined).map(brief), [
    { t: 0.1, count: null, events: 0, seconds: 0, late: 0, byKey: {}, n: 1 },
  ]);
});

test("while the store is away nothing is known but the window's length and the time it was there", async () => {
  await gaps(0);
  await gapTick(3);
  await counts(["CA", 2]);
  const view = viewOf();
  const answer = await view.read({ stream: STREAM, seconds: 0 });
  assert.ok(answer);
  assert.deepEqual(view.away(STREAM, answer, 7.5), {
    t: NOON + 2000,
    stream: STREAM,
    avg: null,
    rate: null,
    count: null,
    window: 120,
    events: null,
    seconds: 0,
    late: null,
    silence: null,
    connected: false,
    stale: 7.5,
    entropy: null,
    entropyCorrected: null,
    n: null,
    categories: null,
    byKey: {},
  });
});

test("a branch that is not wanted is not asked, nor missed", async () => {
  await gaps(0);
  const asked: string[] = [];
  const view = statsView(
    {
      streams: (branch) => store.streams(branch),
      read: (request) => {
        asked.push("gaps");
        return store.read(request);
      },
      readCounts: (request) => {
        asked.push(`counts of ${request.views}`);
        return store.readCounts(request);
      },
    },
    { branches: ["counts"], over: undefined, part: ({ t }) => t },
  );
  assert.equal(await view.read({ stream: STREAM, seconds: 60 }), undefined);
  await counts(["CA", 2]);
  const answer = await view.read({ stream: STREAM, seconds: 60 });
  assert.ok(answer);
  assert.deepEqual(asked, ["counts of ", "counts of "]);
  assert.equal(view.now(STREAM, answer), NOON + 2000);
  assert.equal(view.remark?.(STREAM, answer), undefined);
});

test("a record of several seconds has the newest three of their samples; each second its own; without any, no such field", async () => {
  texts = new Map([0.1, 1.1, 2.1, 3.1, 5.1].map((at) => [at, String(at)]));
  for (const at of texts.keys()) await counts(["CA", at]);
  await counts(6);
  const view = viewOf();
  const answer = await view.read({ stream: STREAM, seconds: 900, from: NOON / 1000 });
  assert.ok(answer);
  const textsOf = ({ examples }: StatsRecord) => examples?.map(({ text }) => text);
  assert.deepEqual(textsOf(view.now(STREAM, answer)), ["2.1", "3.1", "5.1"]);
  const each = view.each(STREAM, answer, undefined);
  assert.deepEqual(each.map(textsOf), [["0.1"], ["1.1"], ["2.1"], ["3.1"], undefined, ["5.1"]]);
  assert.ok(!("examples" in each[4]!) && !("examples" in view.away(STREAM, answer, 1)));
});
