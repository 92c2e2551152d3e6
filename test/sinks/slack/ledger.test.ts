import assert from "node:assert/strict";
import { test } from "node:test";
import { Tally } from "../../../src/core/tally.ts";
import { ledger } from "../../../src/sinks/slack/ledger.ts";

test("own records are told from those of others by their positions", () => {
  const tally = new Tally("delivered");
  const own = ledger(tally);
  own.appended([20, 30]);
  own.appended([50]);
  own.settled(30, "delivered", 5);
  assert.equal(own.left(), 1);
  assert.equal(own.others(), 3);
  own.settled(50, "refused", 1);
  assert.equal(own.left(), 0);
  assert.deepEqual([tally.count("delivered"), tally.count("refused")], [2, 1]);
});

test("what another process delivered counts for own records only", () => {
  const tally = new Tally("delivered");
  const own = ledger(tally);
  own.appended([20]);
  own.settled(10, "delivered by another process");
  assert.equal(own.left(), 1);
  own.settled(99, "delivered by another process");
  assert.equal(tally.count("delivered by another process"), 1);
  assert.equal(own.others(), 0);
});
