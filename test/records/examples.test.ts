import assert from "node:assert/strict";
import { test } from "node:test";
import { alertExample } from "../../src/records/alert.ts";
import { distributionExample } from "../../src/records/distribution.ts";
import { eventExample } from "../../src/records/event.ts";
import { gapExample } from "../../src/records/gap.ts";
import { type HeadKind, headReader } from "../../src/records/head.ts";
import { decodeMeasurement } from "../../src/records/measurement.ts";
import { rateExample } from "../../src/records/rate.ts";
import { distributionPart, ratePart, statsExample } from "../../src/records/stats.ts";
import { tickExample } from "../../src/records/tick.ts";

/** The examples that docs/records.md shows are records that the tools read. */
const heads: readonly (readonly [HeadKind, object])[] = [
  ["event", eventExample],
  ["tick", tickExample],
  ["gap", gapExample],
];

for (const [kind, example] of heads) {
  test(`the example of a ${kind} is read as one, whatever else is read`, () => {
    const reader = headReader(["event", "tick", "gap"]);
    const line = Buffer.from(`${JSON.stringify(example)}\n`);
    assert.equal(reader.read(line, 0, line.length - 1), "ok");
    assert.equal(reader.head.kind, kind);
  });
}

for (const [kind, example] of Object.entries({ rateExample, distributionExample, statsExample })) {
  test(`the ${kind} is a measurement`, () => {
    const { outcome } = decodeMeasurement(JSON.stringify(example), []);
    assert.ok(outcome !== "ignored" && outcome !== "bad", outcome);
  });
}

test("the parts of a stats record are a rate and a distribution record, fields in their order", () => {
  assert.deepEqual(
    Object.keys(ratePart(statsExample)).filter((field) => field !== "late"),
    Object.keys(rateExample),
  );
  assert.deepEqual(Object.keys(distributionPart(statsExample)), Object.keys(distributionExample));
});

test("the example of an alert has the id that its stream, kind and beginning give", () =>
  assert.equal(alertExample.id, `${alertExample.stream}-${alertExample.alert}-${alertExample.since}`));
