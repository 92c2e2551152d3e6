// Shows a person what the demo does, from newline-delimited JSON on standard input: a line each five seconds for the
// stats records in it, and the words of each Slack message.
import ndjson from "ndjson";

const terminal = process.stdout.isTTY === true && !process.env.NO_COLOR;
const bold = (text) => (terminal ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text) => (terminal ? `\u001b[2m${text}\u001b[0m` : text);
const clock = () => new Date().toISOString().slice(11, 19);
const BAR_WIDTH = 25;
const FULL_RATE = 50;
/** Time between two lines of rates, ms of stream time. */
const SPACING = 5000;
/** A mean of fewer gaps than this says little. */
const GAPS_MIN = 20;
/** Categories that a line names. */
const CATEGORIES = 3;
let shownAt = Number.NEGATIVE_INFINITY;
/** Events by category since the line before. */
let counts = new Map();

// The reader of a pipe may go away first.
process.stdout.on("error", () => process.stdout.destroy());
process.stdin.pipe(ndjson.parse({ strict: false })).on("data", (record) => {
  if (typeof record.text === "string") showMessage(record);
  else showStats(record);
});

function showMessage({ text }) {
  for (const line of text.split("\n")) print(bold(`${clock()}  Slack ► ${line}`));
}

function showStats({ t, avg, rate, count, entropy, byKey, connected }) {
  for (const [key, count] of Object.entries(byKey)) counts.set(key, (counts.get(key) ?? 0) + count);
  if (rate === null || count < GAPS_MIN || t < shownAt + SPACING) return;
  shownAt = t;
  const bar = "▇".repeat(Math.max(1, Math.round((Math.min(rate, FULL_RATE) / FULL_RATE) * BAR_WIDTH)));
  const parts = [
    `${rate.toFixed(1)} events/s, mean gap ${avg.toFixed(3)} s`,
    ...(entropy === null ? [] : [`${entropy.toFixed(2)} bits`]),
    ...(counts.size === 0 ? [] : [busiest()]),
    ...(connected ? [] : ["not connected"]),
  ];
  counts = new Map();
  print(dim(`${clock()}  ${bar.padEnd(BAR_WIDTH)} ${parts.join(" · ")}`));
}

/** The busiest categories with their counts: `CA 9, NY 7`. */
function busiest() {
  const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, CATEGORIES);
  return sorted.map(([key, count]) => `${key} ${count}`).join(", ");
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
