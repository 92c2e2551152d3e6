import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { parseShare, parseWholeNumber } from "../../src/core/numbers.ts";

test("whole numbers, 1 or more", () => {
  assert.equal(parseWholeNumber("1000"), 1000);
  for (const text of ["0", "-1", "1.5", "1e3", "", "x", "99999999999999999999"]) {
    assert.throws(() => parseWholeNumber(text), ToolError, text);
  }
});

test("shares, in per cent or not, above 0 and at most 1", () => {
  assert.deepEqual(["5%", "0.05", ".5 %", "100%", "1"].map(parseShare), [0.05, 0.05, 0.005, 1, 1]);
  for (const text of ["0", "0%", "101%", "-1%", "", "x", "5 percent", "1e-3"]) {
    assert.throws(() => parseShare(text), ToolError, text);
  }
  assert.throws(() => parseShare("5"), /got "5" \(5%\?\)/);
});
