import assert from "node:assert/strict";
import { test } from "node:test";
import { dailyNotice } from "../../src/distribution/daily-notice.ts";

test("the first is told, then once a day how many there were", () => {
  const told: number[] = [];
  const notice = dailyNotice((count) => told.push(count));
  for (let hour = 0; hour < 60; hour++) notice(hour * 3_600_000);
  assert.deepEqual(told, [1, 25, 49]);
});
