import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fieldReader, RunningShare } from "../../src/detect/share.ts";
import { threshold } from "../../src/detect/threshold.ts";
import type { ThresholdRule } from "../../src/detect/threshold-rules.ts";
import { START } from "./rates.ts";
import { measurement, verdicts } from "./support.ts";

type Counts = Readonly<Record<string, number>>;

/** The share after each of these records, of which one comes a second. */
function shares(key: string, all: readonly Counts[], spacing = 1000): (number | undefined)[] {
  const share = new RunningShare(key);
  return all.map((byKey, i) => {
    share.push(byKey, START + i * spacing);
    return share.get();
  });
}
const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

test("below ten events a share is unknown", () =>
  assert.deepEqual(shares("CA", [{}, { CA: 9 }, { NY: 1 }]), [undefined, undefined, 0.9]));

test("where fewer than a hundred events have come all of them count", () =>
  assert.equal(shares("CA", [{ CA: 30 }, ...times(60, { NY: 1 })]).at(-1), 30 / 90));

test("the fewest last records that hold a hundred events count, and no older one", () => {
  const all = [{ CA: 50 }, { NY: 50 }, { NY: 49 }];
  assert.equal(shares("CA", all).at(-1), 50 / 149);
  assert.equal(shares("CA", [...all, { NY: 1 }]).at(-1), 0);
  assert.equal(shares("CA", [{ NY: 1 }, { CA: 1000 }]).at(-1), 1);
});

test("records without events change nothing, however many", () =>
  assert.equal(shares("CA", [{ CA: 5, NY: 5 }, ...times(890, {})]).at(-1), 0.5));

test("what came more than 15 min ago is forgotten", () => {
  const share = new RunningShare("CA");
  share.push({ CA: 10 }, START);
  share.push({ NY: 10 }, START + 900_000);
  assert.equal(share.get(), 0.5);
  share.push({}, START + 900_001);
  assert.equal(share.get(), 0);
  share.push({}, START + 1_800_001);
  assert.equal(share.get(), undefined);
});

test("a category that is in no record has a share of 0, whatever its name", () => {
  assert.equal(shares("AK", [{ CA: 20 }]).at(-1), 0);
  assert.equal(shares("toString", [{ CA: 20 }]).at(-1), 0);
  assert.equal(shares("__proto__", [JSON.parse('{"__proto__":5,"CA":15}') as Counts]).at(-1), 0.25);
});

test("no more than 900 records are held, even of fractions", () => {
  const share = new RunningShare("CA");
  for (let i = 0; i < 5000; i++) share.push({ CA: 0.05, NY: 0.05 }, START + i);
  assert.equal((share.snapshot() as unknown[]).length, 900);
  assert.ok(Math.abs(share.get()! - 0.5) < 1e-9);
});

/** The rule in the words of the help, without any memory. */
function bruteForce(key: string, all: readonly { at: number; byKey: Counts }[]): number | undefined {
  const now = all.at(-1)!.at;
  const total = (byKey: Counts) => Object.values(byKey).reduce((sum, count) => sum + count, 0);
  let [events, own] = [0, 0];
  for (const { at, byKey } of [...all].reverse()) {
    if (events >= 100 || now - at > 900_000) break;
    events += total(byKey);
    own += byKey[key] ?? 0;
  }
  return events < 10 ? undefined : own / events;
}

test("a share lies between 0 and 1 and equals what the records say, and so does a restored one", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          wait: fc.oneof(fc.nat(3000), fc.nat(1_000_000)),
          byKey: fc.dictionary(
            fc.constantFrom("CA", "NY", "a.b"),
            fc.oneof(fc.nat(5), fc.nat(150), fc.constant(Number.MAX_SAFE_INTEGER)),
          ),
        }),
        { minLength: 1, maxLength: 200 },
      ),
      fc.constantFrom("CA", "a.b"),
      fc.nat(),
      (waits, key, cut) => {
        let at = START;
        const all = waits.map(({ wait, byKey }) => {
          at += wait;
          return { at, byKey };
        });
        let share = new RunningShare(key);
        all.forEach(({ at: now, byKey }, i) => {
          if (i === cut % all.length) {
            share = RunningShare.restore(key, JSON.parse(JSON.stringify(share.snapshot())));
          }
          share.push(byKey, now);
          const got = share.get();
          assert.ok(got === undefined || (got >= 0 && got <= 1));
          const isExact = all
            .slice(0, i + 1)
            .every((record) => Object.values(record.byKey).every((n) => n <= 150));
          if (isExact) assert.equal(got, bruteForce(key, all.slice(0, i + 1)));
        });
      },
    ),
  ));

test("a record that tells the share itself is believed; else its counts are asked, by names that may hold dots", () => {
  const read = (field: string, record: object) =>
    fieldReader(field).read(measurement({ t: START, ...record }), START);
  assert.equal(read("share.CA", { share: { CA: 0.2 }, byKey: { CA: 50 } }), 0.2);
  assert.equal(read("share.a.b", { share: { a: { b: 0.3 } } }), 0.3);
  assert.equal(read("share.a.b", { byKey: { "a.b": 5, c: 15 } }), 0.25);
  assert.equal(read("share.CA", {}), undefined);
  assert.equal(read("avg", { avg: 3, byKey: { avg: 100 } }), 3);
});

const rule: ThresholdRule = { field: "share.CA", side: "below", limit: 0.15, clear: 0.15, holdFor: 0 };
const seconds = (all: readonly Counts[], from = 0, more: object = {}) =>
  all.map((byKey, i) => ({ t: START + (from + i) * 1000, byKey, seconds: 1, ...more }));

test("records that are no evidence add nothing", () => {
  for (const mark of [{ connected: false }, { seconds: 0 }, { stale: 15 }]) {
    const detector = threshold(rule);
    verdicts(detector, seconds(times(10, { CA: 5, NY: 5 })));
    const [odd] = verdicts(detector, seconds([{ NY: 1000 }], 10, mark));
    assert.deepEqual([odd!.firing, odd!.score], [false, null]);
    assert.equal(verdicts(detector, seconds([{}], 11)).at(-1)!.score, 0.5);
  }
});

test("a threshold on a share fires and clears, and a restored one goes on alike", () => {
  const all = [
    ...times(20, { CA: 3, NY: 7 }),
    ...times(20, { CA: 1, NY: 9 }),
    ...times(20, { CA: 2, NY: 8 }),
  ];
  const said = verdicts(threshold(rule), seconds(all));
  const firing = said.flatMap((verdict, i) => (verdict.firing ? [i] : []));
  assert.ok(firing[0]! > 20 && firing.at(-1)! > 40 && firing.at(-1)! < 60, String(firing));
  for (const cut of [0, 5, 29, 45]) {
    const first = threshold(rule);
    const head = verdicts(first, seconds(all.slice(0, cut)));
    const second = threshold(rule);
    second.restore(JSON.parse(JSON.stringify(first.snapshot())));
    assert.deepEqual([...head, ...verdicts(second, seconds(all.slice(cut), cut))], said);
  }
});

test("a state from before shares were counted is still read; a damaged one is refused", () => {
  const { share, ...before } = threshold(rule).snapshot();
  assert.deepEqual(share, []);
  const detector = threshold(rule);
  detector.restore(before);
  assert.equal(verdicts(detector, seconds([{ CA: 20 }])).at(-1)!.score, 1);
  for (const damaged of [7, [7], [[1, 2]], [[1, 2, 3]], [[1, -2, -3]], [["1", 2, 1]]]) {
    assert.throws(() => threshold(rule).restore({ ...before, share: damaged }), { kind: "badInput" });
  }
  assert.ok(!("share" in threshold({ ...rule, field: "avg" }).snapshot()));
});
