import assert from "node:assert/strict";
import { test } from "node:test";
import { CountCells } from "../../src/distribution/count-cells.ts";

test("seconds that are past go, also those that came after one that lies far ahead", () => {
  const cells = new CountCells();
  cells.addFresh(1_000_000, "CA");
  for (let second = 0; second < 100; second++) {
    cells.addFresh(second, "CA");
    cells.addLate(second);
  }
  assert.equal(cells.entries, 202);
  cells.forget(98);
  assert.equal(cells.entries, 6);
  assert.deepEqual([...cells.take().keys()], [1_000_000, 98, 99]);
});

test("a second that is added to once it was forgotten begins anew", () => {
  const cells = new CountCells();
  cells.addFresh(5, "CA");
  cells.forget(6);
  assert.equal(cells.get(5), undefined);
  cells.addFresh(5, null);
  assert.deepEqual(cells.get(5), { byKey: new Map(), rest: 1, late: 0, samples: [] });
});

test("a second has at most three samples, the first ones, and they go with it", () => {
  const cells = new CountCells();
  const sample = (text: string) => ({ key: null, id: null, text, url: null });
  for (const text of ["a", "b", "c", "d"]) cells.addSample(5, sample(text));
  cells.addSample(6, sample("e"));
  assert.deepEqual(
    cells.get(5)?.samples.map(({ text }) => text),
    ["a", "b", "c"],
  );
  assert.deepEqual([cells.entries, cells.samples], [6, 4]);
  cells.forget(6);
  assert.deepEqual([cells.entries, cells.samples], [2, 1]);
  assert.equal(cells.take().get(6)?.samples.length, 1);
  assert.deepEqual([cells.entries, cells.samples], [0, 0]);
});
