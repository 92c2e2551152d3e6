import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RarityHistory } from "../../src/distribution/rarity-history.ts";

const NOON = 1_489_924_800_000;

/** A history of events a second apart. */
function historyOf(rarities: readonly number[]): RarityHistory {
  const history = new RarityHistory();
  rarities.forEach((rarity, i) => {
    history.advance(NOON + i * 1000);
    history.add(rarity);
  });
  return history;
}

test("without experience a rarity stays", () => {
  for (const rarity of [1e-30, 1e-6, 0.001, 0.5, 1]) {
    assert.equal(new RarityHistory().corrected(rarity), rarity);
    assert.equal(historyOf([1]).corrected(rarity), rarity);
  }
});

test("rarities that come as often as they say stay, but for what chance explains", () => {
  const history = historyOf(Array.from({ length: 50_000 }, (_, i) => ((i * 7919) % 50_000) / 50_000 + 1e-5));
  for (const rarity of [0.0005, 0.003, 0.02]) {
    const corrected = history.corrected(rarity);
    assert.ok(corrected >= rarity && corrected < rarity * 1.05, `${rarity} ${corrected}`);
  }
});

test("a rarity that comes more often than it says is worth what it comes", () => {
  const history = historyOf(Array.from({ length: 50_000 }, (_, i) => (i % 100 === 0 ? 1e-6 : 0.7)));
  const corrected = history.corrected(1e-6);
  assert.ok(corrected > 0.006 && corrected <= 0.01, String(corrected));
  assert.ok(history.corrected(1e-9) < 1e-8);
});

test("once is chance", () => {
  const history = historyOf(Array.from({ length: 1000 }, (_, i) => (i === 500 ? 1e-9 : 0.7)));
  assert.equal(history.corrected(1e-9), 1e-9);
});

test("experience fades over days", () => {
  const history = historyOf(Array.from({ length: 10_000 }, () => 1e-6));
  history.advance(NOON + 40 * 86_400_000);
  assert.ok(history.corrected(1e-6) < 0.1, String(history.corrected(1e-6)));
});

test("no rarity becomes smaller, none becomes more than 1, and their order stays", () => {
  const rarity = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true }),
    fc.double({ min: -50, max: 0, noNaN: true }).map((exponent) => 2 ** exponent),
    fc.nat(60).map((quarters) => 2 ** (-quarters / 4)),
  );
  fc.assert(
    fc.property(fc.array(rarity, { maxLength: 400 }), fc.array(rarity, { minLength: 2 }), (before, asked) => {
      const history = historyOf([...before, ...before]);
      const corrected = [...asked].sort((a, b) => a - b).map((one) => [one, history.corrected(one)] as const);
      corrected.forEach(([from, to], i) => {
        assert.ok(to >= from && to <= 1, `${from} ${to}`);
        assert.ok(i === 0 || to >= corrected[i - 1]![1] * (1 - 1e-12), `${from} ${to}`);
      });
    }),
  );
});
