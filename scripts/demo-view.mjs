// Shows a person what the demo does: a line for each rate record it is given, and the words of each Slack message.
//   node scripts/demo-view.mjs RATES PAYLOADS        two files (or named pipes) of newline-delimited JSON
import { createReadStream } from "node:fs";
import ndjson from "ndjson";

const [rates, payloads] = process.argv.slice(2);
const terminal = process.stdout.isTTY === true && !process.env.NO_COLOR;
const bold = (text) => (terminal ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text) => (terminal ? `\u001b[2m${text}\u001b[0m` : text);
const clock = () => new Date().toISOString().slice(11, 19);
const BAR_WIDTH = 40;
const FULL_RATE = 50;
/** Time between two lines of rates, ms of stream time. */
const SPACING = 5000;
let shownAt = Number.NEGATIVE_INFINITY;

// The reader of a pipe may go away first.
process.stdout.on("error", () => process.stdout.destroy());
read(rates, ({ t, avg, rate, connected }) => {
  if (rate === null || t < shownAt + SPACING) return;
  shownAt = t;
  const bar = "▇".repeat(Math.max(1, Math.round((Math.min(rate, FULL_RATE) / FULL_RATE) * BAR_WIDTH)));
  const state = connected ? "" : " (not connected)";
  print(
    dim(
      `${clock()}  ${bar.padEnd(BAR_WIDTH)} ${rate.toFixed(1)} events/s, mean gap ${avg.toFixed(3)} s${state}`,
    ),
  );
});
read(payloads, ({ text }) => {
  for (const line of text.split("\n")) print(bold(`${clock()}  Slack ► ${line}`));
});

function read(path, show) {
  createReadStream(path)
    .pipe(ndjson.parse({ strict: false }))
    .on("data", show);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
