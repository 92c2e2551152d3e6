// Measures whether rarities are what they say: of many events of made-up worlds, how many are called one in a thousand?
//   node bench/rarity.mjs [part of a world's name …]      280,000 events each, at three rates, with three seeds
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = new URL("..", import.meta.url).pathname;
const EVENTS = 280_000;
const RATES = [1, 10, 100];
const SEEDS = [1, 2, 3];
/** Bounds in per cent of what is called one in a thousand, where a world has some. */
const LEAST = { "200 Zipf-like": 0.07, "200 Zipf-like, steeper": 0.07 };
const MOST = 0.15;
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "rsvpulse-rarity-"));

try {
  const { scoredEvents, sightings, WORLDS } = await loaded();
  process.stdout.write("| world | events/s | 1 in 1,000, % | 1 in 10,000, % | events a second of work |\n");
  process.stdout.write("| --- | --- | --- | --- | --- |\n");
  for (const world of Object.keys(WORLDS)) {
    if (wanted.length > 0 && !wanted.some((word) => world.includes(word))) continue;
    for (const rate of RATES) {
      const runs = SEEDS.map((seed) =>
        measure({ scoredEvents, sightings }, { world, rate, events: EVENTS, seed }),
      );
      const thousandths = runs.map((run) => run.thousandth);
      const right = thousandths.every((share) => share <= MOST && share >= (LEAST[world] ?? 0));
      if (!right) process.exitCode = 1;
      const shown = (shares) => shares.map((share) => share.toFixed(3)).join(" ");
      const speed = Math.min(...runs.map((run) => run.speed));
      process.stdout.write(
        `| ${world} | ${rate} | ${shown(thousandths)}${right ? "" : " (out of bounds)"} | ${shown(runs.map((run) => run.tenThousandth))} | ${Math.round(speed / 1000)},000 |\n`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The stage and the worlds, as the tests have them. */
async function loaded() {
  const outfile = join(folder, "rarity.mjs");
  await build({
    stdin: {
      contents:
        'export { scoredEvents } from "./src/distribution/scored-events.ts"; export * from "./test/distribution/worlds.ts";',
      resolveDir: ROOT,
    },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
  });
  return import(outfile);
}

/** Shares of the judged events, in per cent. Making the events up is part of the work that is timed. */
function measure({ scoredEvents, sightings }, history) {
  let [judged, thousandth, tenThousandth] = [0, 0, 0];
  const stage = scoredEvents({ categoriesMax: 1000, exact: false, beyond() {} })((event) => {
    if (!event.judged) return;
    judged++;
    if (event.rarity <= 1e-3) thousandth++;
    if (event.rarity <= 1e-4) tenThousandth++;
  });
  const begun = performance.now();
  for (const sighting of sightings(history)) stage.push(sighting);
  const seconds = (performance.now() - begun) / 1000;
  return {
    thousandth: (thousandth / judged) * 100,
    tenThousandth: (tenThousandth / judged) * 100,
    speed: history.events / seconds,
  };
}
