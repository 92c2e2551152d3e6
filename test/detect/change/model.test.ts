import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RATE_MODEL, SHARE_MODEL } from "../../../src/detect/change/model.ts";

const MODELS = { rates: RATE_MODEL, shares: SHARE_MODEL };
const share = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });
const count = fc.oneof(fc.constant(0), fc.nat(1000), fc.constant(Number.MAX_SAFE_INTEGER));

for (const [name, { ratios, ...model }] of Object.entries(MODELS)) {
  test(`${name}: the ratios ascend, some are below 1 and some above, none is 1`, () => {
    assert.deepEqual(
      ratios,
      [...ratios].sort((a, b) => a - b),
    );
    assert.ok(ratios[0]! > 0 && ratios[0]! < 1 && ratios.at(-1)! > 1 && !ratios.includes(1));
  });

  test(`${name}: a rise costs, a fall earns, and more the further it goes`, () =>
    fc.assert(
      fc.property(share, (parameter) => {
        const costs = ratios.map((ratio) => model.cost(ratio, parameter));
        costs.forEach((cost, i) => {
          assert.ok(Number.isFinite(cost) && cost > 0 === ratios[i]! > 1);
          assert.ok(i === 0 || cost > costs[i - 1]!);
        });
      }),
    ));

  test(`${name}: where nothing has changed a test falls on average`, () =>
    fc.assert(
      fc.property(share, (parameter) => {
        for (const ratio of ratios) {
          assert.ok(parameter * Math.log(ratio) - model.cost(ratio, parameter) < 0, `${ratio}`);
        }
      }),
    ));

  test(`${name}: chance does something at any rate, more at a higher one, within what is finite`, () =>
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (rate) => {
        const chance = model.chance(rate);
        assert.ok(chance > 0 && Number.isFinite(chance) && model.chance(rate * 2) >= chance);
      }),
    ));
}

test("a rate is events by seconds and never 0, for what was not seen is not impossible", () =>
  fc.assert(
    fc.property(count, fc.double({ min: 0.001, max: 1e6, noNaN: true }), (events, seconds) => {
      const rate = RATE_MODEL.parameter(events, seconds, 1);
      assert.ok(rate > 0 && Number.isFinite(rate));
      assert.ok(Math.abs(rate * seconds - events) <= 0.5 + events * 1e-9);
    }),
  ));

test("a share lies between 0 and 1, and shares of all channels and of what is not yet seen add up to 1", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(1e6), { minLength: 1, maxLength: 1000 }), (counts) => {
      const all = counts.reduce((sum, each) => sum + each, 0);
      const shares = counts.map((each) => SHARE_MODEL.parameter(each, all, counts.length));
      assert.ok(shares.every((each) => each > 0 && each < 1));
      const unseen = SHARE_MODEL.parameter(0, all, counts.length);
      assert.ok(Math.abs(shares.reduce((sum, each) => sum + each, 0) + unseen - 1) < 1e-9);
    }),
    { numRuns: 30 },
  ));

test("counts of a rate vary like Poisson ones, those of a share like binomial ones", () => {
  assert.equal(RATE_MODEL.variance(4), 4);
  assert.equal(SHARE_MODEL.variance(0.25), 0.1875);
});
