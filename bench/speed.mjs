// Times the toolkit side by side with other programs, in turns, in one run: ratios hold where a machine's speed drifts.
//   node bench/speed.mjs [part of a name …]      needs jq and redis-server; makes about 1 GB in the temporary folder
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { Redis } from "ioredis";

const ROOT = new URL("..", import.meta.url).pathname;
const ROUNDS = 3;
const BYTES = 400e6;
/** Events whose memory is watched, and how many of them are the beginning that the rest is compared with. */
const MANY_EVENTS = 5_000_000;
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "rsvpulse-bench-"));
const [raw, events] = [join(folder, "raw.ndjson"), join(folder, "events.ndjson")];
const env = { ...process.env, RSVPULSE_LOG: "json", PATH: `${ROOT}bin:${process.env.PATH}` };

const CASES = {
  "diff against jq -c '{t}'": () => pair(`diff <${events}`, `jq -c '{t}' <${events}`, 6),
  "ingest --replay against jq -c .": () => pair(`ingest --replay ${raw} --speed max`, `jq -c . <${raw}`, 2),
  "insert-distribution against jq -c '{key}'": counting,
  "start of diff --help against node -e 0": start,
  "raw messages into Redis against awaited SETEX": pipeline,
  "reading the window at 10 and at 10,000 events a second": windowRead,
  "reading counts of 10 and of 1,000 categories, and after ten million events": countsRead,
  "memory of each tool over five million events": memory,
};

try {
  shell(
    `simulate --print 30d --rate 1000 --seed bench --start 2026-01-01T00:00:00Z 2>/dev/null | head -c ${BYTES} | sed '$d' >${raw}`,
  );
  shell(`ingest --replay ${raw} --speed max >${events}`);
  process.stdout.write(
    `${count(raw)} messages, ${Math.round(statSync(raw).size / 1e6)} MB; medians of ${ROUNDS} rounds\n`,
  );
  for (const [name, run] of Object.entries(CASES)) {
    if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
    process.stdout.write(`\n${name}\n`);
    await run();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function shell(command) {
  const { status, stderr } = spawnSync("bash", ["-c", command], { env, maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${command}: exit code ${status}: ${stderr}`);
}

function seconds(command) {
  const begun = performance.now();
  shell(`${command} >/dev/null`);
  return (performance.now() - begun) / 1000;
}

function count(file) {
  return Number(spawnSync("wc", ["-l", file]).stdout.toString().split(" ")[0]);
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function inTurns(a, b, rounds = ROUNDS) {
  const times = Array.from({ length: rounds }, () => [seconds(a), seconds(b)]);
  return {
    a: median(times.map(([x]) => x)),
    b: median(times.map(([, y]) => y)),
    ratio: median(times.map(([x, y]) => y / x)),
  };
}

function pair(ours, theirs, target) {
  const { a, b, ratio } = inTurns(ours, theirs);
  tell(`${a.toFixed(2)} s against ${b.toFixed(2)} s: ${ratio.toFixed(1)} times as fast (target ${target})`);
}

function start() {
  const { a, b, ratio } = inTurns("diff --help", "node -e 0", 30);
  tell(
    `${(a * 1000).toFixed(0)} ms against ${(b * 1000).toFixed(0)} ms: ${(1 / ratio).toFixed(2)} times (target 1.7)`,
  );
}

async function pipeline() {
  await withRedis(async (url, redis) => {
    const messages = count(raw);
    const rates = Array.from(
      { length: ROUNDS },
      () => messages / seconds(`ingest --replay ${raw} --speed max | diff | REDIS_URL=${url} redis-insert`),
    );
    tell(`ingest | diff | redis-insert: ${Math.round(median(rates))} messages a second (target 100,000)`);
    let awaited = 0;
    const begun = performance.now();
    while (performance.now() - begun < 3000) await redis.setex(`bench:${awaited++}`, 120, "0.5");
    tell(
      `a client that awaits each SETEX: ${Math.round((awaited * 1000) / (performance.now() - begun))} a second`,
    );
  });
}

async function windowRead() {
  await withRedis(async (url) => {
    for (const rate of [10, 10_000]) {
      const gaps = `node -e 'let s = ""; for (let i = 0; i < ${rate} * 130; i++) { const t = 1767225600000 + Math.floor(i * 1000 / ${rate}); s += JSON.stringify({ t, at: t, stream: "r${rate}", diff: ${1 / rate} }) + "\\n"; if (s.length > 1e6) { process.stdout.write(s); s = ""; } } process.stdout.write(s)'`;
      shell(`${gaps} | REDIS_URL=${url} redis-insert`);
    }
    // Polls as fast as they are answered: what is measured is the reading, not the wait.
    const POLLS = 300;
    const poll = (rate) => seconds(`REDIS_URL=${url} avg --stream r${rate} --every 1ms | head -n ${POLLS}`);
    const both = Array.from({ length: ROUNDS }, () => [poll(10), poll(10_000)]);
    const [slow, fast] = [0, 1].map((i) => (median(both.map((pair) => pair[i])) / POLLS) * 1000);
    tell(`${slow.toFixed(2)} ms a poll at 10 a second, ${fast.toFixed(2)} ms at 10,000 (target: the same)`);
  });
}

async function counting() {
  await withRedis(async (url) =>
    pair(`REDIS_URL=${url} insert-distribution <${events}`, `jq -c '{key}' <${events}`, 6),
  );
}

async function countsRead() {
  await withRedis(async (url) => {
    const COUNTED = { few: [10, 20_000], wide: [1000, 20_000], many: [10, 10_000_000] };
    for (const [stream, [categories, count]] of Object.entries(COUNTED)) {
      const lines = `node -e 'let s = ""; for (let i = 0; i < ${count}; i++) { const t = 1767225600000 + Math.floor(i / 100); s += "{\\"t\\":" + t + ",\\"at\\":" + t + ",\\"stream\\":\\"${stream}\\",\\"key\\":\\"k" + (i * 7919) % ${categories} + "\\",\\"id\\":null,\\"event\\":{}}\\n"; if (s.length > 1e6) { process.stdout.write(s); s = ""; } } process.stdout.write(s)'`;
      shell(`${lines} | REDIS_URL=${url} insert-distribution`);
    }
    const { openCounts } = await storeBundle();
    const store = openCounts(url);
    const POLLS = 1000;
    const poll = async (stream) => {
      const begun = performance.now();
      for (let i = 0; i < POLLS; i++) await store.readCounts({ stream, seconds: 1, views: ["recent"] });
      return (performance.now() - begun) / POLLS;
    };
    const rounds = [];
    for (let i = 0; i < ROUNDS + 1; i++)
      rounds.push([await poll("few"), await poll("wide"), await poll("many")]);
    await store.close();
    const [few, wide, many] = [0, 1, 2].map((i) => median(rounds.slice(1).map((round) => round[i])));
    tell(
      `${few.toFixed(2)} ms at 10 categories, ${wide.toFixed(2)} ms at 1,000 (target: 3 times), ${many.toFixed(2)} ms at 10 after ten million events (target: the same)`,
    );
  });
}

/** The store on Redis, as the tools use it. */
async function storeBundle() {
  const outfile = join(folder, "store.cjs");
  const contents = `
    import { redisStore } from "./src/store/redis.ts";
    import { parseRedisAddress } from "./src/store/redis-address.ts";
    import { redisLink } from "./src/store/redis-link.ts";
    export const openCounts = (url) => redisStore(redisLink(parseRedisAddress(url)));`;
  await build({
    stdin: { contents, resolveDir: ROOT },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
  });
  return createRequire(import.meta.url)(outfile);
}

async function memory() {
  await withRedis(async (url) => {
    const stages = [
      [
        "simulate",
        `simulate --print 30d --rate 1000 --seed bench --start 2026-01-01T00:00:00Z | head -n ${MANY_EVENTS}`,
      ],
      ["ingest", "ingest --replay - --speed max"],
      ["insert-distribution", "insert-distribution --pass"],
      ["unusualness", "tee >(unusualness >/dev/null)"],
      ["stats", "tee >(stats --stdin >/dev/null)"],
      ["diff", "diff"],
      ["redis-insert", "redis-insert --pass"],
      ["avg", "avg --stdin"],
      ["check-detect", "check-detect"],
    ];
    const child = spawn(
      "bash",
      ["-c", `${stages.map(([, command]) => command).join(" | ")} >/dev/null 2>${folder}/log`],
      {
        env: { ...env, REDIS_URL: url },
        stdio: "ignore",
      },
    );
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const peaks = new Map();
    const begun = performance.now();
    const timer = setInterval(
      () =>
        sample(
          stages.map(([name]) => name),
          peaks,
          begun,
        ),
      500,
    );
    await ended;
    clearInterval(timer);
    const whole = (performance.now() - begun) / 1000;
    for (const [name, samples] of peaks) {
      const at = (share) =>
        Math.max(...samples.filter(([time]) => time <= whole * share).map(([, mb]) => mb));
      tell(`${name}: at most ${at(0.2)} MB in the first fifth, ${at(1)} MB in all`);
    }
  });
}

/** Resident memory of this checkout's tools, MB, by name. */
function sample(names, peaks, begun) {
  const { stdout } = spawnSync("ps", ["-eo", "rss=,args="]);
  for (const line of stdout.toString().split("\n")) {
    const [, rss, args] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    const name = names.find((candidate) => `${args} `.includes(`${ROOT}bin/${candidate} `));
    if (name === undefined) continue;
    if (!peaks.has(name)) peaks.set(name, []);
    peaks.get(name).push([(performance.now() - begun) / 1000, Math.round(Number(rss) / 1024)]);
  }
}

async function withRedis(work) {
  const socket = join(folder, "redis.sock");
  const server = spawn(
    "redis-server",
    ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
    { stdio: "ignore" },
  );
  const ended = new Promise((resolve) => server.on("exit", resolve));
  const redis = new Redis(socket, { retryStrategy: () => 50 });
  redis.on("error", () => {});
  try {
    await redis.ping();
    await work(`unix://${socket}`, redis);
  } finally {
    redis.disconnect();
    server.kill();
    await ended;
  }
}

function tell(line) {
  process.stdout.write(`  ${line}\n`);
}
