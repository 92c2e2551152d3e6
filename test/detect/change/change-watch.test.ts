import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ChangeWatch } from "../../../src/detect/change/change-watch.ts";
import { RATE_MODEL, SHARE_MODEL } from "../../../src/detect/change/model.ts";
import { Random } from "../../../src/simulate/random.ts";
import { notFinite, saved } from "../changes.ts";
import { poisson } from "../worlds.ts";

const rates = () => new ChangeWatch({ model: RATE_MODEL, perDay: 1, events: 100 });
const shares = () => new ChangeWatch({ model: SHARE_MODEL, perDay: 1, events: 300 });

interface Second {
  readonly s: number;
  readonly counts: readonly number[];
  readonly seconds?: number;
  readonly frozen?: boolean;
}
function push(watch: ChangeWatch, { s, counts, seconds = 1, frozen = false }: Second, isShare = false): void {
  const exposure = isShare ? counts.reduce((sum, count) => sum + count, 0) : seconds;
  watch.push(
    {
      counts: Float64Array.from(counts),
      channels: counts.length,
      exposure,
      seconds,
      start: (s - seconds) * 1000,
    },
    { now: s * 1000, frozen },
  );
}
/** Poisson counts at a rate from second `from` on, before `to`. */
function hear(
  watch: ChangeWatch,
  { from, to, rate, frozen = false }: { from: number; to: number; rate: number; frozen?: boolean },
): void {
  const random = new Random("hear", from, to);
  for (let s = from; s < to; s++) push(watch, { s, counts: [poisson(rate, random)], frozen });
}
function warm(): ChangeWatch {
  const watch = rates();
  hear(watch, { from: 1, to: 601, rate: 10 });
  assert.equal(watch.isFiring, false);
  return watch;
}
/** The second in which it first is so, from `from` on; at most an hour later. */
function when(watch: ChangeWatch, rate: number, from: number, isSo: () => boolean): number {
  const random = new Random("when", from);
  for (let s = from; s < from + 3600; s++) {
    push(watch, { s, counts: [poisson(rate, random)] });
    if (isSo()) return s;
  }
  return Number.POSITIVE_INFINITY;
}

test("the threshold is the logarithm of the seconds in which the budget has one false alarm", () => {
  assert.ok(Math.abs(rates().threshold - Math.log(86_400)) < 1e-12);
});

test("before a minute and 100 events nothing is known", () => {
  const watch = rates();
  for (let s = 1; s < 60; s++) push(watch, { s, counts: [10] });
  assert.deepEqual([watch.isWarm, watch.score], [false, null]);
  push(watch, { s: 60, counts: [10] });
  assert.deepEqual([watch.isWarm, watch.score], [true, null]);
  push(watch, { s: 61, counts: [10] });
  assert.ok(watch.score !== null);
});

test("a change is told with when it began, and its return with since when", () => {
  const watch = warm();
  const told = when(watch, 30, 601, () => watch.isFiring);
  assert.ok(told <= 606, `${told}`);
  assert.ok(watch.score! >= watch.threshold);
  assert.ok(Math.abs(watch.begun / 1000 - 600) <= 2, `${watch.begun}`);
  assert.deepEqual(watch.changed, [0]);
  hear(watch, { from: told + 1, to: 700, rate: 30 });
  const over = when(watch, 10, 700, () => !watch.isFiring);
  assert.ok(over <= 715, `${over}`);
  assert.equal(watch.ended, "returned");
  assert.ok(Math.abs(watch.begun / 1000 - 699) <= 3, `${watch.begun}`);
  assert.ok(Math.abs(watch.usual(0) - 10) < 1);
});

test("a stop is told, and its end", () => {
  const watch = warm();
  assert.ok(when(watch, 0, 601, () => watch.isFiring) <= 605);
  hear(watch, { from: 606, to: 700, rate: 0 });
  assert.deepEqual(notFinite(watch.snapshot()), []);
  assert.ok(when(watch, 10, 700, () => !watch.isFiring) <= 715);
  assert.equal(watch.ended, "returned");
});

test("what lasts 15 min is usual then, and nothing more is told of it", () => {
  const watch = warm();
  const told = when(watch, 30, 601, () => watch.isFiring);
  const over = when(watch, 30, told + 1, () => !watch.isFiring);
  assert.equal(over - told, 900);
  assert.equal(watch.ended, "new-normal");
  assert.ok(Math.abs(watch.usual(0) - 30) < 1);
  assert.equal(
    when(watch, 30, over + 1, () => watch.isFiring),
    Number.POSITIVE_INFINITY,
  );
});

test("a change just before the source was away for long is not the usual level after it", () => {
  const watch = warm();
  const told = when(watch, 30, 601, () => watch.isFiring);
  push(watch, { s: told + 2000, counts: [30] });
  assert.equal(watch.isFiring, true);
  assert.deepEqual(notFinite(watch.snapshot()), []);
  assert.ok(when(watch, 10, told + 2001, () => !watch.isFiring) <= told + 2020);
  assert.equal(watch.ended, "returned");
});

test("a warm-up in which something changes begins anew from there", () => {
  const watch = rates();
  hear(watch, { from: 1, to: 51, rate: 10 });
  hear(watch, { from: 51, to: 105, rate: 60 });
  assert.equal(watch.isWarm, false);
  const known = when(watch, 60, 105, () => watch.isWarm);
  assert.ok(known >= 111 && known <= 120, `${known}`);
  assert.ok(Math.abs(watch.usual(0) - 60) < 5);
});

test("while another's episode is open nothing is learnt, for a quarter of an hour; a change is told nevertheless", () => {
  const watch = warm();
  const before = watch.usual(0);
  for (let s = 601; s < 1501; s++) push(watch, { s, counts: [11], frozen: true });
  assert.equal(watch.usual(0), before);
  for (let s = 1501; s < 2501; s++) push(watch, { s, counts: [11], frozen: true });
  assert.ok(watch.usual(0) > 10.5, `${watch.usual(0)}`);
  const other = warm();
  hear(other, { from: 601, to: 620, rate: 40, frozen: true });
  assert.equal(other.isFiring, true);
});

test("a warm-up does not go on while another's episode is open", () => {
  const watch = rates();
  hear(watch, { from: 1, to: 200, rate: 10, frozen: true });
  assert.equal(watch.isWarm, false);
  hear(watch, { from: 200, to: 260, rate: 10 });
  assert.equal(watch.isWarm, true);
});

test("what was learnt just before another's episode may have been part of it", () => {
  const watch = warm();
  hear(watch, { from: 601, to: 640, rate: 12 });
  const before = watch.usual(0);
  hear(watch, { from: 640, to: 641, rate: 12, frozen: true });
  hear(watch, { from: 641, to: 671, rate: 10 });
  assert.equal(watch.usual(0), before);
});

test("one record alone tells nothing, however much it says; a record of several seconds may", () => {
  const watch = warm();
  push(watch, { s: 601, counts: [Number.MAX_SAFE_INTEGER] });
  assert.equal(watch.isFiring, false);
  const long = warm();
  push(long, { s: 610, counts: [600], seconds: 10 });
  assert.equal(long.isFiring, true);
});

test("a leap of an hour in one record at the usual rate is no change", () => {
  const watch = warm();
  push(watch, { s: 4200, counts: [36_000], seconds: 3600 });
  assert.equal(watch.isFiring, false);
});

test("without any event for hours no share has changed, nor when events come again", () => {
  const watch = shares();
  const random = new Random("night");
  const day = () => [5, 3, 1, 0.2, 0].map((rate) => poisson(rate, random));
  for (let s = 1; s <= 1800; s++) push(watch, { s, counts: day() }, true);
  for (let s = 1801; s <= 30_000; s += 10) {
    push(watch, { s, counts: [0, 0, 0, 0, 0], seconds: 10 }, true);
    assert.equal(watch.isFiring, false);
  }
  for (let s = 30_001; s <= 31_000; s++) {
    push(watch, { s, counts: day() }, true);
    assert.equal(watch.isFiring, false, `${s}`);
  }
  assert.deepEqual(notFinite(watch.snapshot()), []);
});

test("a warm-up that begins anew where events stop says nothing of no events", () => {
  const watch = shares();
  for (let s = 1; s <= 20; s++) push(watch, { s, counts: [9, 1] }, true);
  for (let s = 21; s <= 40; s++) push(watch, { s, counts: [1, 9] }, true);
  for (let s = 41; s <= 400; s++) push(watch, { s, counts: [0, 0] }, true);
  assert.deepEqual([watch.isFiring, watch.isWarm], [false, false]);
  assert.deepEqual(notFinite(watch.snapshot()), []);
});

test("regular events tell no change, whatever false alarms are allowed", () => {
  for (const perDay of [1e-300, 1, 1e4, 1e6, 1e300]) {
    const watch = new ChangeWatch({ model: RATE_MODEL, perDay, events: 100 });
    for (let s = 1; s <= 3000; s++) {
      push(watch, { s, counts: [s % 5 === 0 ? 1 : 0] });
      assert.equal(watch.isFiring, false);
    }
    assert.equal(watch.isWarm, true);
    assert.deepEqual(notFinite({ threshold: watch.threshold, ...watch.snapshot() }), []);
  }
});

const seconds = fc.array(
  fc.record({
    counts: fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.nat(5000) }), {
      minLength: 3,
      maxLength: 3,
    }),
    channels: fc.integer({ min: 0, max: 3 }),
    seconds: fc.constantFrom(1, 1, 1, 10, 0.5, 3600),
    frozen: fc.boolean(),
  }),
  { maxLength: 250, minLength: 100, size: "max" },
);

test("whatever comes, all is finite, a score is one from the warm-up on, and a restored watch goes on alike", () =>
  fc.assert(
    fc.property(seconds, fc.boolean(), fc.nat(), (list, isShare, cut) => {
      const fresh = isShare ? shares : rates;
      const whole = fresh();
      let parted = fresh();
      let [s, most] = [0, 0];
      list.forEach((each, i) => {
        if (i === cut % list.length) {
          const state = saved(parted.snapshot());
          parted = fresh();
          parted.restore(state);
        }
        s += each.seconds;
        most = Math.max(most, isShare ? each.channels : 1);
        const second = { ...each, s, counts: each.counts.slice(0, most) };
        for (const watch of [whole, parted]) push(watch, second, isShare);
        assert.deepEqual(
          [parted.score, parted.isFiring, parted.begun],
          [whole.score, whole.isFiring, whole.begun],
        );
        assert.ok(whole.score === null || (Number.isFinite(whole.score) && whole.score >= 0));
      });
      assert.deepEqual(notFinite(whole.snapshot()), []);
      assert.deepEqual(saved(parted.snapshot()), saved(whole.snapshot()));
    }),
    { numRuns: 60 },
  ));

test("a damaged snapshot is refused", () => {
  const whole = warm().snapshot();
  for (const bad of [null, {}, { ...whole, score: "1" }, { ...whole, told: 7 }, { ...whole, bank: null }]) {
    assert.throws(() => rates().restore(bad), { kind: "badInput" });
  }
});
