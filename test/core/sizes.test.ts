import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { parseSize } from "../../src/core/sizes.ts";

test("sizes take a unit, of tens or of twos", () => {
  assert.equal(parseSize("100B"), 100);
  assert.equal(parseSize("1.5GB"), 1.5e9);
  assert.equal(parseSize("64MiB"), 67_108_864);
  assert.equal(parseSize("64 kib"), 65_536);
});

test("a bare number, nothing, and words are refused", () => {
  for (const text of ["64", "0MB", "", "MiB", "-1MB", "1 TB"])
    assert.throws(() => parseSize(text), ToolError);
});
