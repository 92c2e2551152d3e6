import assert from "node:assert/strict";
import { test } from "node:test";
import { Hold } from "../../../src/detect/change/hold.ts";

const MINUTE = 60_000;

test("it begins with the first record of an episode, lasts 15 min of it, and no longer", () => {
  const hold = new Hold();
  const at = (minutes: number, frozen: boolean) => {
    const moment = { now: minutes * MINUTE, frozen };
    return [hold.begins(moment), hold.lasts(moment)];
  };
  assert.deepEqual(at(0, false), [false, false]);
  assert.deepEqual(at(1, true), [true, true]);
  assert.deepEqual(at(15.9, true), [false, true]);
  assert.deepEqual(at(16, true), [false, false]);
  assert.deepEqual(at(90, true), [false, false]);
  assert.deepEqual(at(91, false), [false, false]);
  assert.deepEqual(at(92, true), [true, true]);
});

test("restored, it goes on alike", () => {
  const [hold, restored] = [new Hold(), new Hold()];
  hold.begins({ now: MINUTE, frozen: true });
  restored.restore(JSON.parse(JSON.stringify(hold.snapshot())));
  assert.equal(restored.begins({ now: 2 * MINUTE, frozen: true }), false);
  assert.equal(restored.lasts({ now: 2 * MINUTE, frozen: true }), true);
  assert.throws(() => restored.restore("soon"), { kind: "badInput" });
});
