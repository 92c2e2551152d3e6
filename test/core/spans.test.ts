import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNumber, formatSpan, parsePositiveSpan, parseSpan } from "../../src/core/spans.ts";

test("spans are read in their units", () => {
  assert.deepEqual(
    ["120s", "5m", "6h", "250ms", "1.5d", "0s", "2min"].map(parseSpan),
    [120, 300, 21600, 0.25, 129600, 0, 120],
  );
});

for (const text of ["5", "", "s", "-5s", "5 s s", "5x", "1e3s", "NaNs", "5constructor"]) {
  test(`${JSON.stringify(text)} is no span`, () => assert.throws(() => parseSpan(text), { kind: "usage" }));
}

test("a bare number is told that its unit is missing", () =>
  assert.throws(() => parseSpan("5"), /a unit is missing: 5s\? 5m\?/));

test("nothing is no positive span", () => assert.throws(() => parsePositiveSpan("0s"), { kind: "usage" }));

test("spans are written as people say them", () => {
  assert.deepEqual([0.3178, 5, 12.34, 99.96, 320, 3600, 11_100, 187_200, -5].map(formatSpan), [
    "0.32 s",
    "5 s",
    "12.3 s",
    "100 s",
    "5 min 20 s",
    "1 h",
    "3 h 5 min",
    "2 d 4 h",
    "-5 s",
  ]);
});

test("numbers in sentences keep two or three figures", () => {
  assert.deepEqual([0, 0.004567, 3.12345, 42.42, 1234.5].map(formatNumber), [
    "0",
    "0.0046",
    "3.1",
    "42.4",
    "1,235",
  ]);
});
