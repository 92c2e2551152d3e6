// One core's part of measure.mjs: the trials of every so manieth seed.
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

const { module, what, name, count, core, cores, seed } = workerData;
const { CHANGES, LIMITS, TRAFFIC, Random, delayOf, surge, episodesOfDay } = await import(
  pathToFileURL(module).href
);
const TRIALS = {
  delay: (random) => delayOf(CHANGES[name], { random }),
  limit: (random) => delayOf(LIMITS[name], { random }),
  surge: (random) => surge({ random }),
  day: (random) => episodesOfDay({ random, traffic: TRAFFIC[name] }).length,
};
const results = [];
for (let i = core; i < count; i += cores)
  results.push(TRIALS[what](new Random("detect", seed, what, name, i)));
parentPort.postMessage(results);
