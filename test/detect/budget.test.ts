import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFalseAlarms, shareOut } from "../../src/detect/budget.ts";

test("a budget is so many an hour, a day, a week or a month", () => {
  assert.equal(parseFalseAlarms("1/day"), 1);
  assert.equal(parseFalseAlarms("2/hour"), 48);
  assert.equal(parseFalseAlarms("1/week"), 1 / 7);
  assert.equal(parseFalseAlarms("0.5/month"), 1 / 60);
});

for (const text of ["", "1", "/day", "0/day", "-1/day", "x/day", "1/year", "1/day/2", "1/toString", "1/"]) {
  test(`${JSON.stringify(text)} is no budget`, () =>
    assert.throws(() => parseFalseAlarms(text), { kind: "usage", message: /expected N\/hour, N\/day/ }));
}

test("a slip is named", () =>
  assert.throws(() => parseFalseAlarms("1/dya"), { message: /did you mean day\?/ }));

test("the parts are in proportion and add up to the whole, whatever is on", () => {
  assert.deepEqual(
    [
      ...shareOut(
        1,
        new Map([
          ["silence", 0.2],
          ["blind", 0],
        ]),
      ).values(),
    ],
    [1, 0],
  );
  const parts = shareOut(
    2,
    new Map([
      ["rate", 0.4],
      ["shift", 0.4],
      ["silence", 0.2],
    ]),
  );
  assert.deepEqual(
    [...parts.values()].map((part) => Math.round(part * 1e9) / 1e9),
    [0.8, 0.8, 0.4],
  );
  assert.deepEqual([...shareOut(1, new Map([["blind", 0]])).values()], [0]);
});
