import assert from "node:assert/strict";
import { test } from "node:test";
import { quota } from "../../src/core/quota.ts";

test("no more than so many are granted in a second, which begins with the first request of it", () => {
  let now = 700;
  const grants = quota(2, { elapsed: () => now });
  const granted = (count: number) => Array.from({ length: count }, grants).filter((yes) => yes).length;
  assert.equal(granted(5), 2);
  now = 1699;
  assert.equal(granted(5), 0);
  now = 1700;
  assert.equal(granted(1), 1);
  now = 2699;
  assert.equal(granted(5), 1);
  now = 1e6;
  assert.equal(granted(5), 2);
});

test("a quota of none grants nothing", () => assert.equal(quota(0, { elapsed: () => 1 })(), false));
