import type { AlertRecord } from "../../src/records/alert.ts";
import { lines, poissonEvents, polls, START } from "./rates.ts";

/** What watches the recording below. */
export const rule = [
  "--below",
  "avg=400ms",
  "--clear",
  "avg=500ms",
  "--for",
  "10s",
  "--detect",
  "threshold,silence,blind",
];

/** Calm, three times as fast, calm, silent, calm, blind, calm. */
export const recording = (() => {
  const rate = (s: number) => (s >= 300 && s < 600 ? 4 : s >= 900 && s < 1000 ? 0 : 1.3);
  const records = polls(poissonEvents(rate, 1300, 3), { seconds: 1300, stream: "rsvps" });
  for (const record of records.slice(1100, 1140)) Object.assign(record, { connected: false, seconds: 0 });
  return records;
})();
/** What a run wrote. */
export const alerts = (out: string): AlertRecord[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
/** A line of stream rsvps with this mean gap, so many seconds after START. */
export const at = (second: number, avg: number) =>
  lines([{ t: START + second * 1000, stream: "rsvps", avg, seconds: 1 }]);
