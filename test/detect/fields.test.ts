import assert from "node:assert/strict";
import { test } from "node:test";
import { formatApart, formatFieldValue, nounOf, parseFieldValue } from "../../src/detect/fields.ts";
import { expectedOnceIn, timeOfDay } from "../../src/detect/wording.ts";

test("spans take a unit, other fields a number or per cent", () => {
  assert.equal(parseFieldValue("avg", "1m"), 60);
  assert.equal(parseFieldValue("entropy", "-4.2"), -4.2);
  assert.equal(parseFieldValue("share.CA", "15 %"), 0.15);
  for (const text of ["", "%", "1s", "0x10", "1e999", "Infinity"]) {
    assert.throws(() => parseFieldValue("rate", text), {
      kind: "usage",
      message: /a number or per cent for rate/,
    });
  }
});

test("values carry the unit of their field", () => {
  assert.equal(formatFieldValue("avg", 380), "6 min 20 s");
  assert.equal(formatFieldValue("share.a.b", 0.123), "12.3 %");
  assert.equal(formatFieldValue("entropy", 4.2), "4.2 bits");
  assert.equal(nounOf("share.a.b"), "the share of a.b");
  assert.equal(nounOf("share."), "share.");
});

test("two values that differ never look the same", () => {
  assert.deepEqual(formatApart("avg", 0.343, 0.3441), ["0.343 s", "0.344 s"]);
  assert.deepEqual(formatApart("avg", 0.34, 0.37), ["0.34 s", "0.37 s"]);
  assert.deepEqual(formatApart("share.CA", 0.14999, 0.15), ["14.999 %", "15 %"]);
  assert.deepEqual(formatApart("rate", 3, 3), ["3 a second", "3 a second"]);
});

test("a time has its date when it is more than a day ago", () => {
  const noon = Date.parse("2017-03-19T12:31:04Z");
  assert.equal(timeOfDay(noon, noon + 86_400_000), "12:31:04 UTC");
  assert.equal(timeOfDay(noon, noon + 86_400_001), "2017-03-19 12:31:04 UTC");
});

test("how often reads as a person would say it", () => {
  assert.equal(expectedOnceIn(1 / 40), "40 days");
  assert.equal(expectedOnceIn(1), "a day");
  assert.equal(expectedOnceIn(1 / 1000), "2 years");
  assert.equal(expectedOnceIn(0), "100 years");
  assert.equal(expectedOnceIn(4), "6 h");
  assert.equal(expectedOnceIn(1000), "86 s");
});

test("a share is no more than all of them: a per cent sign that was forgotten is asked for", () => {
  assert.throws(() => parseFieldValue("share.CA", "15"), /from 0% to 100% for share\.CA, got "15" \(15%\?\)/);
  assert.throws(() => parseFieldValue("share.CA", "150%"), /got "150%"$/);
  assert.throws(() => parseFieldValue("share.CA", "-1%"), /from 0% to 100%/);
  assert.equal(parseFieldValue("share.CA", "100%"), 1);
  assert.equal(parseFieldValue("share.CA", "0.15"), 0.15);
});
