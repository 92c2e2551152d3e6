// What detection costs: time a second of stream time, and memory a stream, with 50 categories. Run by
//   node bench/detect/measure.mjs cost
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Random } from "../../src/simulate/random.ts";
import { watching } from "../../test/detect/trials.ts";
import { MadeStream, TRAFFIC, zipf } from "../../test/detect/worlds.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const SECONDS = 20_000;
const STREAMS = 50;

/** Rows of the table: what, figure, floor, target. */
export function cost() {
  const records = recordsOf(50);
  const watches = watching(undefined, 1);
  for (const record of records.slice(0, 5000)) watches.push(record, "warm");
  const calm = microsOf(watches, records);
  const surging = records.slice(0, 600).map((record) => tripled(record));
  for (const record of surging.slice(0, 10)) watches.push(record, "made");
  return [
    ["cost a second with 50 categories, µs", calm.toFixed(1), 100, 20],
    ["… while a change lasts, µs", microsOf(watches, surging.slice(10)).toFixed(1), "", ""],
    ["memory a stream with 50 categories, KB", memory(records).toFixed(0), 1000, 200],
  ];
}

function microsOf(watches, records) {
  const begun = performance.now();
  for (const record of records) watches.push(record, "made");
  return ((performance.now() - begun) * 1000) / records.length;
}

/** A record of after all the others, with three times the events. */
function tripled({ byKey, fields, ...record }) {
  const counts = Object.entries(byKey).map(([key, count]) => [key, 3 * count]);
  return {
    ...record,
    t: record.t + SECONDS * 1000,
    byKey: Object.fromEntries(counts),
    fields: { events: 3 * fields.events },
  };
}

function recordsOf(categories) {
  const random = new Random("cost", categories);
  const stream = new MadeStream({ traffic: TRAFFIC.Poisson, rate: 10, shares: zipf(categories), random });
  return Array.from({ length: SECONDS }, () => stream.next());
}

/** What the heap grows by for each of many streams that have been watched for an hour and a half. */
function memory(records) {
  collect();
  const before = process.memoryUsage();
  const watches = watching(undefined, 1);
  for (const record of records.slice(0, 5400)) {
    for (let i = 0; i < STREAMS; i++) watches.push(record, `stream ${i}`);
  }
  collect();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return watches.size === STREAMS ? grown / STREAMS / 1000 : Number.NaN;
}
