import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CusumBank } from "../../../src/detect/change/cusum-bank.ts";
import { notFinite, saved } from "../changes.ts";

const RATIOS = [0.5, 2];
/** Channels whose usual level is 1 for each unit of exposure. */
function bank(channels: number): CusumBank {
  const made = new CusumBank(RATIOS);
  made.grow(channels);
  setAll(made, channels);
  return made;
}
function setAll(made: CusumBank, channels: number): void {
  for (let channel = 0; channel < channels; channel++) {
    RATIOS.forEach(
      (ratio, place) => void made.set(channel, place, { gain: Math.log(ratio), cost: ratio - 1 }),
    );
  }
}
const push = (made: CusumBank, counts: readonly number[], start = 0, most = 100) =>
  made.push(Float64Array.from(counts), 1, { most, start });

test("a bank without channels, and one at rest, stand at 0", () => {
  for (const made of [new CusumBank(RATIOS), bank(0), bank(3)]) {
    push(made, [0, 0, 0].slice(0, made.channels).fill(1));
    assert.deepEqual([made.leader.sum, made.leader.channel, made.exchange], [0, 0, 0]);
    assert.equal(made.leader.level, 0);
  }
});

test("a sum is the log-likelihood ratio since it last left 0, which is when the change began", () => {
  const made = bank(2);
  push(made, [1, 0], 1000);
  push(made, [1, 3], 2000);
  push(made, [1, 4], 3000);
  const { sum, channel, begun, level } = made.leader;
  assert.ok(Math.abs(sum - (7 * Math.log(2) - 2)) < 1e-12);
  assert.deepEqual([channel, begun, level], [1, 2000, 3.5]);
  assert.deepEqual(made.of(1), made.leader);
  assert.equal(made.of(0).sum, 0);
});

test("a fall is found like a rise, with the level that it fell to", () => {
  const made = bank(1);
  for (let s = 0; s < 10; s++) push(made, [s === 4 ? 1 : 0], s * 1000);
  assert.equal(made.leader.level, 0.1);
  assert.ok(Math.abs(made.leader.sum - (10 * 0.5 - Math.log(2))) < 1e-12);
  assert.equal(made.leader.begun, 0);
});

test("a sum that falls to 0 begins anew, with what came since", () => {
  const made = bank(1);
  push(made, [2], 1000);
  push(made, [0], 2000);
  push(made, [3], 3000);
  assert.deepEqual([made.leader.begun, made.leader.level], [3000, 3]);
});

test("one record is worth `most` at most, upwards; downwards there is no limit", () => {
  const made = bank(1);
  push(made, [Number.MAX_SAFE_INTEGER], 0, 5);
  assert.equal(made.leader.sum, 5);
  push(made, [1e300], 0, 5);
  assert.equal(made.leader.sum, 10);
  made.push(Float64Array.of(0), 1e9, { most: 5, start: 0 });
  assert.ok(made.leader.sum <= 5);
});

test("an exchange is the greatest rise and the greatest fall together; a rise alone is none", () => {
  const made = bank(3);
  push(made, [4, 0, 1]);
  const [rise, fall] = [4 * Math.log(2) - 1, 0.5];
  assert.ok(Math.abs(made.exchange - (rise + fall)) < 1e-12);
  assert.ok(Math.abs(made.leader.sum - rise) < 1e-12);
  const up = bank(1);
  push(up, [4]);
  assert.equal(up.exchange, 0);
});

test("restart begins all anew, or one channel", () => {
  const made = bank(2);
  push(made, [5, 6]);
  made.restart(1);
  assert.ok(made.of(0).sum > 0);
  assert.equal(made.of(1).sum, 0);
  made.restart();
  assert.deepEqual([made.of(0).sum, made.leader.sum, made.exchange], [0, 0, 0]);
});

test("more channels leave the others where they stand", () => {
  const made = bank(1);
  push(made, [5], 7000);
  const before = made.of(0);
  made.grow(1000);
  assert.deepEqual(made.of(0), before);
  assert.equal(made.of(999).sum, 0);
  assert.equal(made.channels, 1000);
});

const records = fc.array(
  fc.record({
    counts: fc.array(fc.oneof(fc.nat(4), fc.constant(1e15)), { minLength: 3, maxLength: 3 }),
    exposure: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e6, noNaN: true })),
  }),
  { maxLength: 60 },
);

test("sums are never negative, never jump, and are finite; the leader is the greatest of them", () =>
  fc.assert(
    fc.property(records, (list) => {
      const made = bank(3);
      let before = 0;
      list.forEach(({ counts, exposure }, s) => {
        made.push(Float64Array.from(counts), exposure, { most: 2, start: s });
        const sums = [0, 1, 2].map((channel) => made.of(channel).sum);
        assert.equal(made.leader.sum, Math.max(...sums));
        assert.ok(sums.every((sum) => sum >= 0));
        assert.ok(made.leader.sum <= before + 2);
        assert.ok(made.exchange <= 2 * made.leader.sum);
        assert.deepEqual(notFinite({ ...made.leader }), []);
        before = made.leader.sum;
      });
    }),
  ));

test("a restored bank goes on alike, wherever it was cut", () =>
  fc.assert(
    fc.property(records, fc.nat(60), (list, cut) => {
      const [whole, first] = [bank(3), bank(3)];
      let second: CusumBank | undefined;
      list.forEach(({ counts, exposure }, s) => {
        const at = { most: 3, start: s };
        if (s === cut) {
          second = bank(3);
          second.restore(saved(first.snapshot()));
        }
        whole.push(Float64Array.from(counts), exposure, at);
        (second ?? first).push(Float64Array.from(counts), exposure, at);
      });
      const after = second ?? first;
      assert.deepEqual([after.leader, after.exchange], [whole.leader, whole.exchange]);
      assert.deepEqual(after.snapshot(), whole.snapshot());
    }),
  ));

test("a damaged snapshot is refused, and one of more channels takes no room", () => {
  assert.throws(() => bank(1).restore({ tests: [0], sums: "x" }), { kind: "badInput" });
  const large = bank(50);
  push(large, Array(50).fill(9));
  const small = bank(1);
  small.restore(saved(large.snapshot()));
  assert.equal(small.channels, 1);
  assert.deepEqual(small.of(0), large.of(0));
});
