import assert from "node:assert/strict";
import { test } from "node:test";
import { buildDetectors, chosenDetectors, parseDetectorNames } from "../../src/detect/detectors.ts";
import type { ThresholdRule } from "../../src/detect/threshold-rules.ts";

const rule: ThresholdRule = { field: "avg", side: "below", limit: 20, clear: 20, holdFor: 0 };

test("by default silence and blindness are watched; a rule replaces them; names decide", () => {
  assert.deepEqual(chosenDetectors(undefined, []), ["silence", "blind"]);
  assert.deepEqual(chosenDetectors(undefined, [rule]), ["threshold"]);
  assert.deepEqual(chosenDetectors(["threshold", "blind", "blind"], [rule]), ["threshold", "blind"]);
});

test("a name that is not known is refused with those that are", () => {
  assert.throws(() => parseDetectorNames("silence,rat"), {
    kind: "usage",
    message: /some of threshold, silence, blind, got "rat"/,
  });
  assert.deepEqual(parseDetectorNames("blind, silence"), ["blind", "silence"]);
});

test("threshold without a rule, and a rule without threshold, are refused", () => {
  assert.throws(() => chosenDetectors(["threshold"], []), { message: /expected --below/ });
  assert.throws(() => chosenDetectors(["blind"], [rule]), { message: /expected threshold in --detect/ });
});

test("each rule is a detector with an id of its own", () => {
  const settings = { rules: [rule, { ...rule, field: "n" }], lateness: 5, falseAlarms: 1 };
  const ids = buildDetectors(["blind", "threshold"], settings).map(({ id }) => id);
  assert.equal(new Set(ids).size, 3);
  assert.equal(ids[0], "blind");
});
