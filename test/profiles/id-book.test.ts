import assert from "node:assert/strict";
import { test } from "node:test";
import { IdBook } from "../../src/profiles/id-book.ts";

const DAY = 86_400;

test("an id waits once, and is not asked for again within the day", () => {
  const book = new IdBook({ refresh: DAY });
  assert.equal(book.see(1, 0), true);
  assert.equal(book.see(1, 0), false);
  assert.deepEqual(book.first(10), [1]);
  book.settle([1], 100);
  assert.equal(book.waiting, 0);
  assert.equal(book.see(1, 100 + DAY - 1), false);
  assert.equal(book.see(1, 100 + DAY), true);
});

test("ids go in the order in which they came, and wait until they are settled", () => {
  const book = new IdBook({ refresh: DAY });
  for (const id of [5, 3, 9]) book.see(id, 0);
  assert.deepEqual(book.first(2), [5, 3]);
  assert.deepEqual(book.first(2), [5, 3]);
  book.settle([5, 3], 1);
  assert.deepEqual(book.first(2), [9]);
});

test("what was asked for a day ago takes no room", () => {
  const book = new IdBook({ refresh: DAY });
  book.settle([1, 2], 0);
  book.settle([3], DAY - 1);
  assert.deepEqual([...book.askedIds(DAY)], [[3, DAY - 1]]);
  assert.equal(book.forgotten, 0);
});

test("with too many to remember the oldest are forgotten, and counted", () => {
  const book = new IdBook({ refresh: DAY, askedMax: 3 });
  book.settle([1, 2, 3, 4, 5], 0);
  assert.deepEqual(
    [...book.askedIds(0)].map(([id]) => id),
    [3, 4, 5],
  );
  assert.equal(book.forgotten, 2);
});

test("a time from a clock that was years ahead counts for nothing; one that was set back an hour does", () => {
  const book = new IdBook({ refresh: DAY });
  book.settle([1], 1000 * DAY);
  assert.equal(book.see(1, 5), true);
  book.settle([2], 5000);
  assert.equal(book.see(2, 1400), false);
});
