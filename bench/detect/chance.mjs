// How often chance alone takes a bank of CUSUMs to a level of h nats: C e^-h times a second. Measures C at many rates, and
// prints it beside the fit that src/detect/change/model.ts has.
//   node bench/detect/chance.mjs
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = new URL("../..", import.meta.url).pathname;
const RATES = [1e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];
const LEVEL = 11;
/** A passage is over so far below the level. */
const BACK = 4;
const STEPS = 3e6;
/** One second counts at most this: 0.4 of a threshold of 13. */
const MOST = 13 / 2.5;
const folder = mkdtempSync(join(tmpdir(), "rsvpulse-chance-"));

try {
  const outfile = join(folder, "chance.mjs");
  await build({
    stdin: {
      contents: `export * from "./src/detect/change/model.ts"; export { poisson } from "./test/detect/worlds.ts";
        export { CusumBank } from "./src/detect/change/cusum-bank.ts"; export { Random } from "./src/simulate/random.ts";`,
      resolveDir: ROOT,
    },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
  });
  const module = await import(pathToFileURL(outfile).href);
  process.stdout.write(
    "| bank | expected a second | C measured | C in the model |\n| --- | --- | --- | --- |\n",
  );
  for (const [name, model] of [
    ["rate", module.RATE_MODEL],
    ["share", { ...module.SHARE_MODEL, cost: module.RATE_MODEL.cost }],
  ]) {
    for (const rate of RATES) {
      const measured = measure(module, model, rate);
      process.stdout.write(
        `| ${name} | ${rate} | ${measured.toPrecision(3)} | ${model.chance(rate).toPrecision(3)} |\n`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Passages of the level a second, times e^level. Seconds without events are one step, for they only count down or up. */
function measure({ CusumBank, Random, poisson }, model, rate) {
  const random = new Random("chance", rate);
  const bank = new CusumBank(model.ratios);
  bank.grow(1);
  model.ratios.forEach((ratio, place) => {
    bank.set(0, place, { gain: Math.log(ratio), cost: model.cost(ratio, rate) });
  });
  let [seconds, passages, within] = [0, 0, false];
  const look = () => {
    const { sum } = bank.leader;
    if (!within && sum >= LEVEL) passages++;
    within = within ? sum > LEVEL - BACK : sum >= LEVEL;
  };
  for (let step = 0; step < STEPS; step++) {
    const skipped = rate < 1 ? Math.floor(random.exponential() / rate) : 0;
    if (skipped > 0) {
      bank.push(Float64Array.of(0), skipped, { most: Number.POSITIVE_INFINITY, start: 0 });
      look();
    }
    let count = poisson(rate, random);
    if (rate < 1) while (count === 0) count = poisson(rate, random);
    bank.push(Float64Array.of(count), 1, { most: MOST, start: 0 });
    look();
    seconds += skipped + 1;
  }
  return (passages / seconds) * Math.exp(LEVEL);
}
