import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean } from "../../src/core/suggest.ts";

test("the nearest name is proposed when it is near enough", () => {
  assert.equal(didYouMean("latenes", ["late", "lateness", "strict"]), " (did you mean lateness?)");
  assert.equal(didYouMean("srtict", ["lateness", "strict"]), " (did you mean strict?)");
  assert.equal(didYouMean("colour", ["lateness", "strict"]), "");
  assert.equal(didYouMean("x", []), "");
});
