import assert from "node:assert/strict";
import type { Detector, Verdict } from "../../src/detect/detector.ts";
import { decodeMeasurement, type Measurement } from "../../src/records/measurement.ts";

/** A record as a detector gets it. */
export function measurement(record: object, watched: readonly string[] = []): Measurement {
  const decoded = decodeMeasurement(JSON.stringify({ avg: null, ...record }), watched);
  assert.equal(decoded.outcome, "measurement", JSON.stringify(decoded));
  return (decoded as { measurement: Measurement }).measurement;
}

/** All that a detector says of these records, with stream time going by the greatest `t`. */
export function verdicts(detector: Detector, records: readonly object[], frozen = false): Verdict[] {
  let now = Number.NEGATIVE_INFINITY;
  return records.map((record) => {
    const read = measurement(record);
    now = Math.max(now, read.t);
    return detector.push(read, { now, frozen });
  });
}
