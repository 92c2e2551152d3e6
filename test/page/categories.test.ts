import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ComparedShare, Shares } from "../../src/api/wire.ts";
import * as c from "../../src/page/categories.ts";

const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;
const share = (key: string, now: number, more: Partial<ComparedShare> = {}): ComparedShare => ({
  ...{ key, name: key, now, usual: now, surplus: 0, standing: "usual" },
  ...more,
});
const shares = (categories: readonly ComparedShare[], others = 0): Shares => ({
  ...{ stream: "demo", t: 0, noun: "RSVP", places: null, categories },
  now: { seconds: 60, n: 600 },
  usual: { seconds: 3600, n: 36_000 },
  others: { categories: others, now: others / 1000, usual: others / 1000 },
});
const TX = share("TX", 0.3, { usual: 0.09, surplus: 18, standing: "surging" });
const CA = share("CA", 0.08, { usual: 0.2, surplus: -9, standing: "fallen" });

test("what surges comes first, then what fell, then those that usually have most", () => {
  const { rows } = c.selectCategories(shares([CA, share("NY", 0.1, { usual: 0.12 }), share("WA", 0.11), TX]));
  assert.deepEqual(
    rows.map(({ key }) => key),
    ["TX", "CA", "NY", "WA"],
  );
});

test("rows and others add up to all there is", () =>
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 80 }),
      fc.nat(900),
      (parts, left) => {
        const all = shares(
          parts.map((part, i) => share(`k${i}`, part)),
          left,
        );
        const { rows, others } = c.selectCategories(all);
        assert.equal(rows.length + others.categories, c.categoriesIn(all));
        const sum = rows.reduce((total, { now }) => total + now, others.now);
        assert.ok(
          near(
            sum,
            parts.reduce((total, part) => total + part, left / 1000),
          ),
        );
      },
    ),
  ));

test("a search finds keys and names, exact ones first", () => {
  const all = [share("WV", 0.01, { name: "West Virginia" }), share("VA", 0.03, { name: "Virginia" }), TX];
  const found = (words: string) => c.findCategories(all, words).map(({ key }) => key);
  assert.deepEqual(found("virginia"), ["VA", "WV"]);
  assert.deepEqual(found(" tx"), ["TX"]);
  assert.deepEqual(found("nowhere"), []);
});

test("bars have a round scale that none is longer than", () => {
  assert.equal(c.barScale([TX, CA]), 0.3);
  assert.equal(c.barScale([share("a", 0.9)]), 1);
  assert.equal(c.barScale([]), 0.002);
});

test("those that stand out are told by how much", () => {
  const all = shares([CA, TX, share("AK", 0.1, { surplus: 20, standing: "surging" })]);
  assert.deepEqual(
    c.surging(all).map(({ key }) => key),
    ["AK", "TX"],
  );
  assert.deepEqual(
    c.fallen(all).map(({ key }) => key),
    ["CA"],
  );
});
