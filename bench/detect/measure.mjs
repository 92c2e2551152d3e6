// Measures detection on made-up streams: how late changes are told, how soon their end, and how often nothing is.
//   node bench/detect/measure.mjs [--runs 400] [--days 20] [--seed 1] [part of a row's name …]
// Runs the stages that check-detect uses, on both cores; takes about 20 minutes as it stands.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";

const ROOT = new URL("../..", import.meta.url).pathname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "400" },
    days: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
/** What each row must not exceed, and what it is to reach. */
const BOUNDS = {
  "rate × 0.33": [6.5, 5],
  "rate × 0.5": [11.5, 9],
  "rate × 2": [5.5, 4.5],
  "rate × 3": [4, 3.3],
  "rate × 5": [3.5, 3],
  "share 1 → 10 %": [14, 11],
  "share 6 → 12 %": [75, 60],
  "share 40 → 60 %": [24, 18],
  "shares 12 ↔ 2 %": [15, 11],
  "new category at 5 %": [9, 6],
};
/** So many runs may have another episode open, by chance, when theirs begins or ends. */
const MISSED_MAX = 0.01;
const EPISODES_A_DAY = [4, 2];
const RESOLVED = [30, 10];

const folder = mkdtempSync(join(tmpdir(), "rsvpulse-detect-"));
try {
  const module = join(folder, "trials.mjs");
  await build({
    stdin: {
      contents: `export * from "./test/detect/trials.ts"; export { TRAFFIC } from "./test/detect/worlds.ts";
        export { Random } from "./src/simulate/random.ts"; export { cost } from "./bench/detect/cost.mjs";`,
      resolveDir: ROOT,
    },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: module,
  });
  const { CHANGES, LIMITS, TRAFFIC } = await import(pathToFileURL(module).href);
  await table(module, Object.keys(CHANGES), Object.keys(TRAFFIC));
  await limits(module, Object.keys(LIMITS).filter(isWanted));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function table(module, changes, traffic) {
  const runs = Number(values.runs);
  const days = Number(values.days);
  print(
    `seed ${values.seed}; ${runs} runs a change, ${days} days a calm stream; 10 events/s, 44 categories\n`,
  );
  print("| what | mean | median | 95 % | floor | target |");
  print("| --- | --- | --- | --- | --- | --- |");
  for (const name of changes.filter(isWanted)) {
    const delays = await spread(module, { what: "delay", name, count: runs });
    row(`delay, s: ${name}`, delays, BOUNDS[name]);
  }
  if (isWanted("surge of ten minutes")) {
    const surges = await spread(module, { what: "surge", name: "", count: runs });
    row(
      "`resolved` after × 3 for ten minutes, s",
      surges.map(({ resolvedAfter }) => resolvedAfter),
      RESOLVED,
    );
    row(
      "episodes of it",
      surges.map(({ episodes }) => episodes),
      // A false alarm a day is asked for: in a quarter of an hour one run in a hundred has one beside it.
      [1.02, 1],
    );
  }
  for (const name of traffic.filter(isWanted)) {
    const counts = await spread(module, { what: "day", name, count: days });
    row(`episodes a day: ${name}`, counts, EPISODES_A_DAY);
  }
  if (isWanted("cost")) {
    const { cost } = await import(pathToFileURL(module).href);
    for (const [what, figure, floor, target] of cost())
      print(`| ${what} | ${figure} | | | ${floor} | ${target} |`);
  }
}

/** What is not always found. */
async function limits(module, names) {
  if (names.length === 0) return;
  print("\n| change | found within an hour | median of these, s |");
  print("| --- | --- | --- |");
  for (const name of names) {
    const delays = await spread(module, { what: "limit", name, count: Math.ceil(Number(values.runs) / 4) });
    const found = delays.filter((delay) => delay !== undefined).sort((a, b) => a - b);
    const share = Math.round((100 * found.length) / delays.length);
    print(`| ${name} | ${share} % | ${found[found.length >> 1] ?? ""} |`);
  }
}

function isWanted(name) {
  return positionals.length === 0 || positionals.some((word) => name.includes(word));
}

/** Runs one trial with each of so many seeds, on all cores, in the order of the seeds. */
async function spread(module, { what, name, count }) {
  const cores = Math.min(availableParallelism(), count);
  const shares = Array.from({ length: cores }, (_, core) => ({
    module,
    what,
    name,
    count,
    core,
    cores,
    seed: values.seed,
  }));
  const results = await Promise.all(shares.map(inWorker));
  return Array.from({ length: count }, (_, i) => results[i % cores][Math.floor(i / cores)]);
}

function inWorker(workerData) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("trial-worker.mjs", import.meta.url), { workerData });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function row(what, results, [floor, target]) {
  const missed = results.filter((result) => result === undefined).length;
  const found = results.filter((result) => result !== undefined).sort((a, b) => a - b);
  const mean = found.reduce((sum, value) => sum + value, 0) / Math.max(1, found.length);
  const at = (part) => found[Math.min(found.length - 1, Math.floor(part * found.length))];
  const right = missed <= results.length * MISSED_MAX && mean <= floor;
  if (!right) process.exitCode = 1;
  const note = `${missed > 0 ? ` (${missed} not found)` : ""}${right ? "" : " (out of bounds)"}`;
  print(`| ${what} | ${mean.toFixed(2)}${note} | ${at(0.5)} | ${at(0.95)} | ${floor} | ${target} |`);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
