import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sparkline } from "../../../src/sinks/slack/sparkline.ts";

test("heights compare as the numbers do, from 0 to the greatest", () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
  assert.equal(sparkline([50, 100]), "▅█");
});

test("none give nothing, zeros the lowest bar, equal ones full bars", () => {
  assert.equal(sparkline([]), "");
  assert.equal(sparkline([0, 0]), "▁▁");
  assert.equal(sparkline([3, 3]), "██");
});

test("negative numbers lower the foot; what is no number is a gap", () => {
  assert.equal(sparkline([-1, Number.NaN, 1]), "▁ █");
});

test("there is one character for each number", () =>
  fc.assert(fc.property(fc.array(fc.double()), (values) => sparkline(values).length === values.length)));
