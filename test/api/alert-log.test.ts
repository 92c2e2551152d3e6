import assert from "node:assert/strict";
import { test } from "node:test";
import { AlertLog } from "../../src/api/alert-log.ts";
import { alertOf, alertsOf } from "../store/alerts-contract.ts";

const filled = (count: number) => {
  const log = new AlertLog();
  for (const [i, alert] of alertsOf(0, count).entries()) log.push(String(i), alert);
  return log;
};

test("before any alert there is none, and no newest", () => {
  const log = new AlertLog();
  assert.deepEqual([log.select({ limit: 10 }), log.newest, [...log.counts]], [[], undefined, []]);
});

test("the newest comes first, at most so many, at most a thousand", () => {
  const log = filled(1500);
  assert.deepEqual(log.select({ limit: 2 }), [alertOf(1499), alertOf(1498)]);
  const all = log.select({ limit: 5000 });
  assert.deepEqual([all.length, all.at(-1)], [1000, alertOf(500)]);
  assert.equal(log.newest, "1499");
});

test("an alert that comes twice is there once, though the store has it under another id", () => {
  const log = filled(3);
  assert.equal(log.push("7", alertOf(1)), false);
  assert.equal(log.push("8", alertOf(1, { state: "resolved" })), true, "another chapter of it");
  assert.equal(log.push("9", alertOf(1, { t: 5 })), true, "the same chapter at another time");
  assert.equal(log.select({ limit: 10 }).length, 5);
  assert.equal(log.newest, "9");
});

test("they are chosen by time, kind and state", () => {
  const log = filled(5);
  log.push("a", alertOf(10, { alert: "shift", state: "resolved" }));
  const ts = (wish: Partial<Parameters<AlertLog["select"]>[0]>) =>
    log.select({ limit: 10, ...wish }).map(({ t }) => t);
  assert.deepEqual(ts({ since: alertOf(4).t }), [alertOf(10).t, alertOf(4).t]);
  assert.deepEqual(ts({ alert: "shift" }), [alertOf(10).t]);
  assert.deepEqual(ts({ state: "firing", limit: 1 }), [alertOf(4).t]);
  assert.deepEqual(ts({ alert: "blind" }), []);
});

test("what came is counted by kind and state, also what is held no more", () => {
  const log = filled(1200);
  log.push("a", alertOf(2000, { alert: "shift", state: "resolved" }));
  assert.deepEqual(
    [...log.counts],
    [
      { alert: "rate", state: "firing", count: 1200 },
      { alert: "shift", state: "resolved", count: 1 },
    ],
  );
});
