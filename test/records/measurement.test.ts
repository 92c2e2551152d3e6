import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMeasurement, numberAt } from "../../src/records/measurement.ts";
import { rateExample } from "../../src/records/rate.ts";

const decode = (record: unknown, watched: string[] = []) =>
  decodeMeasurement(JSON.stringify(record), watched);

test("a rate record is a measurement", () => {
  const decoded = decode(rateExample);
  assert.ok(decoded.outcome === "measurement");
  const { t, stream, connected, stale, seconds, silence } = decoded.measurement;
  assert.deepEqual(
    { t, stream, connected, stale, seconds, silence },
    { t: 1489926600000, stream: "meetup-rsvps", connected: true, stale: 0.4, seconds: 1, silence: 5.2 },
  );
});

test("only a mark and a time are required", () => {
  const decoded = decode({ t: 1, entropy: 4.2 });
  assert.ok(decoded.outcome === "measurement");
  assert.equal(decoded.measurement.connected, true);
  assert.equal(decoded.measurement.stale, 0);
  assert.equal(decoded.measurement.stream, undefined);
  assert.equal(decoded.measurement.silence, undefined);
});

test("counts by category are a mark, and may be unknown", () => {
  const decoded = decode({ t: 1, byKey: { CA: 2, "a.b": 0 } });
  assert.ok(decoded.outcome === "measurement");
  assert.deepEqual(decoded.measurement.byKey, { CA: 2, "a.b": 0 });
  const unknown = decode({ t: 1, entropy: null, byKey: null });
  assert.ok(unknown.outcome === "measurement");
  assert.equal(unknown.measurement.byKey, undefined);
});

test("examples that can be read are there as samples, whatever else is among them", () => {
  const sample = { key: "CA", id: "1", text: "Sunday hike", url: null };
  for (const [examples, samples] of [
    [[sample, 7, { text: 1 }], [sample]],
    [null, []],
    ["hike", []],
    [undefined, []],
  ] as const) {
    const decoded = decode({ t: 1, avg: 1, examples });
    assert.ok(decoded.outcome === "measurement");
    assert.deepEqual(decoded.measurement.samples, samples);
  }
});

test("an object without a mark is ignored, unless a watched field is in it", () => {
  assert.equal(decode({ t: 1, tick: 2 }).outcome, "ignored");
  assert.equal(decode({ t: 1, share: { CA: 0.2 } }).outcome, "ignored");
  const decoded = decode({ t: 1, share: { CA: 0.2 } }, ["share.CA"]);
  assert.ok(decoded.outcome === "measurement");
  assert.equal(numberAt(decoded.measurement.fields, "share.CA"), 0.2);
});

test("null is a number that nobody knows", () => {
  const decoded = decode({ t: 1, avg: null, silence: null });
  assert.ok(decoded.outcome === "measurement");
  assert.equal(numberAt(decoded.measurement.fields, "avg"), undefined);
  assert.equal(decoded.measurement.silence, undefined);
});

for (const [record, reason] of [
  ["x", "expected a JSON object, got another JSON value"],
  [[1], "expected a JSON object, got another JSON value"],
  [{ avg: 1 }, "expected ms since the epoch in t"],
  [{ t: "1", avg: 1 }, "expected ms since the epoch in t"],
  [{ t: -1, avg: 1 }, "expected ms since the epoch in t"],
  [{ t: 1e300, avg: 1 }, "expected ms since the epoch in t"],
  [{ t: 1, avg: "1" }, "expected a number or null in avg"],
  [{ t: 1, avg: 1, silence: "1" }, "expected a number or null in silence"],
  [{ t: 1, avg: 1, connected: "yes" }, "expected true or false in connected"],
  [{ t: 1, avg: 1, stream: 7 }, "expected a string in stream"],
  [{ t: 1, byKey: [1] }, "expected counts, numbers from 0 on, in byKey"],
  [{ t: 1, byKey: 7 }, "expected counts, numbers from 0 on, in byKey"],
  [{ t: 1, byKey: { CA: -1 } }, "expected counts, numbers from 0 on, in byKey"],
  [{ t: 1, entropy: 1, byKey: { CA: "1" } }, "expected counts, numbers from 0 on, in byKey"],
  [{ t: 1, avg: 1, byKey: { CA: null } }, "expected counts, numbers from 0 on, in byKey"],
  [{ t: 1, avg: 1, byKey: { CA: 1e300 } }, "expected counts, numbers from 0 on, in byKey"],
] as const) {
  test(`${JSON.stringify(record)} is bad`, () =>
    assert.deepEqual(decode(record), { outcome: "bad", reason }));
}

test("a number that no double holds, a watched text and a broken line are bad", () => {
  assert.equal(decodeMeasurement('{"t":1,"avg":1e999}', []).outcome, "bad");
  assert.equal(decode({ t: 1, avg: 1, x: "a" }, ["x"]).outcome, "bad");
  assert.equal(decodeMeasurement('{"t":1,', []).outcome, "bad");
});
