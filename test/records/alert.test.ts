import assert from "node:assert/strict";
import { test } from "node:test";
import { type AlertRecord, alertExample, decodeAlert } from "../../src/records/alert.ts";

const decoded = (fields: object) => decodeAlert(JSON.stringify({ ...alertExample, ...fields }));

test("an alert is decoded as it was, with fields that are not known yet", () => {
  assert.deepEqual(decoded({}), alertExample);
  const bare: Partial<AlertRecord> = {
    value: null,
    baseline: null,
    score: null,
    threshold: null,
    why: [],
    examples: [],
  };
  assert.deepEqual(decoded({ ...bare, more: 1 }), { ...alertExample, ...bare, more: 1 });
});

test("what is no alert is none", () => {
  for (const text of ["", "{", "null", "[]", "3", "{}", '{"alert":"rate"}']) {
    assert.equal(decodeAlert(text), undefined, text);
  }
});

test("an alert that lacks a field, or has one of another type, is none", () => {
  for (const field of Object.keys(alertExample)) {
    if (field !== "direction") assert.equal(decoded({ [field]: undefined }), undefined, field);
    assert.equal(decoded({ [field]: { other: true } }), undefined, field);
    assert.equal(decoded({ [field]: true }), undefined, field);
  }
  for (const fields of [
    { alert: "other" },
    { state: "toString" },
    { direction: "left" },
    { reason: "because" },
    { field: 3 },
    { why: [{ category: "TX", share: "0.5" }] },
    { examples: [{ id: 3, text: "", url: null }] },
    { examples: [null] },
  ]) {
    assert.equal(decoded(fields), undefined, JSON.stringify(fields));
  }
});
