// Counts what is stored after processes of scripts/ingest.sh were killed: all that the source sent, each once?
//   node bench/resume.mjs [kills] [seed …]       by default 20 kills of each protocol, seed 1; needs redis-server
//   node bench/resume.mjs memory [minutes]       the memory of each process over an hour of 2,000 events a second
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = new URL("..", import.meta.url).pathname;
const SPEECHES = ["ndjson", "sse", "ws"];
/** Messages a second that come while processes are killed. */
const RATE = 60;
/** The stream whose memory is watched: events a second, its length by default, and how often to look, minutes. */
const [MEMORY_RATE, MINUTES, LOOK_MINUTES] = [2000, 60, 5];
/** Messages that may be on their way, so that the stream comes as fast as it is read, and those made in one turn. */
const [AHEAD, TURN] = [20_000, 1000];
/** Growth from the second look to the last that is none: of a heap that has not been swept, and of the blocks in it. */
const [GROWTH, GROWTH_MB] = [1.25, 15];

process.chdir(ROOT);
const folder = mkdtempSync(join(tmpdir(), "rsvpulse-resume-"));
const ends = [];
// Who ends this ends what it has started.
const ended = new Promise((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => reject(new Error(signal)));
});
try {
  await import("../scripts/build.mjs");
  const support = await loaded();
  const [first, ...rest] = process.argv.slice(2);
  const work =
    first === "memory"
      ? memory(support, Number(rest[0] ?? MINUTES))
      : kills(support, Number(first ?? 20), rest.length > 0 ? rest : ["1"]);
  await Promise.race([work, ended]);
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}

/** What the tests have. What they end after the tests is ended after this. */
async function loaded() {
  const outfile = join(folder, "support.mjs");
  globalThis.afterBench = (end) => ends.push(end);
  const own = {
    name: "after",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:test$/ }, ({ path }) => ({ path, namespace: "after" }));
      onLoad({ filter: /.*/, namespace: "after" }, () => ({
        contents: "export const after = globalThis.afterBench;",
      }));
    },
  };
  await build({
    stdin: {
      contents: ["killed-script", "numbered-source", "redis-server"]
        .map((name) => `export * from "./test/support/${name}.ts";`)
        .join("\n"),
      resolveDir: ROOT,
    },
    plugins: [own],
    bundle: true,
    packages: "bundle",
    banner: {
      js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);',
    },
    format: "esm",
    platform: "node",
    outfile,
  });
  return import(outfile);
}

async function kills({ KilledScript, numberedSource, redisServer }, count, seeds) {
  process.stdout.write("| protocol | seed | kills | sent | counted | gaps | ok |\n");
  process.stdout.write("| --- | --- | --- | --- | --- | --- | --- |\n");
  const row = async (speech, seed) => {
    const { url } = await redisServer();
    const source = await numberedSource({ rate: RATE, seed });
    const run = new KilledScript({ source, speech, redis: url, seed });
    await run.begin();
    for (let i = 0; i < count; i++) await run.killNext();
    await run.connected();
    source.stopMaking();
    const demanded = () => source.stream.demanded();
    const difference = await run.settled(demanded);
    const { total, gaps } = await run.stored.read();
    await run.stored.close();
    const ok = difference === "" ? "yes" : "no";
    process.stdout.write(
      `| ${speech} | ${seed} | ${run.kills} | ${demanded().total} | ${total} | ${gaps} | ${ok} |\n`,
    );
    if (difference === "") return;
    process.exitCode = 1;
    process.stderr.write(`${difference}\n${run.story()}\n`);
  };
  for (const seed of seeds) await Promise.all(SPEECHES.map((speech) => row(speech, seed)));
}

/** The stream is as long as it would be, and comes as fast as it is read. */
async function memory({ KilledScript, numberedSource, redisServer }, minutes) {
  const redis = await redisServer(["--appendfsync", "no"]);
  const source = await numberedSource({ rate: 0, categoryOf: (number) => `C${number % 50}` });
  const run = new KilledScript({ source, speech: "ndjson", redis: redis.url, seed: "1" });
  run.start();
  await run.connected();
  const start = Date.now() - minutes * 60_000;
  const looks = [];
  for (let minute = LOOK_MINUTES; minute <= minutes; minute += LOOK_MINUTES) {
    const end = minute * 60 * MEMORY_RATE;
    while (source.stream.made < end) {
      if (source.stream.made - (source.sent() ?? 0) < AHEAD) {
        for (let i = 0; i < TURN; i++)
          source.stream.make(start + Math.floor((source.stream.made * 1000) / MEMORY_RATE));
        source.flush();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    looks.push(await look(run.script.child.pid, redis));
    tell(minute, looks);
  }
  const difference = await run.settled(() => source.stream.demanded());
  await run.stored.close();
  process.stdout.write(
    difference === "" ? "each event was counted once\n" : `${difference.split("\n", 3).join("\n")}\n`,
  );
  const grown = Object.keys(looks[0]).filter((name) => {
    const [from, to] = [looks[1] ?? looks[0], looks.at(-1)].map((all) => all[name]);
    return to > from * GROWTH && to > from + GROWTH_MB;
  });
  process.stdout.write(grown.length === 0 ? "flat\n" : `not flat: ${grown.join(", ")}\n`);
  if (grown.length > 0 || difference !== "") process.exitCode = 1;
}

function tell(minute, looks) {
  const row = (cells) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
  const names = Object.keys(looks[0]);
  if (looks.length === 1) {
    row(["minute", ...names.map((name) => `${name}, MB`)]);
    row(["---", ...names.map(() => "---")]);
  }
  row([minute, ...names.map((name) => Math.round(looks.at(-1)[name] ?? Number.NaN))]);
}

/** Resident memory of a script's tools, and what Redis has in use, MB. */
async function look(script, redis) {
  const found = {};
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss=,args="], { encoding: "utf8" });
  for (const line of listed.split("\n")) {
    const [, parent, kilobytes, program = "", file = ""] = line.trim().split(/\s+/);
    const name = (program.endsWith("node") ? file : program).split("/").at(-1);
    if (Number(parent) === script && !/^(ba)?sh$/.test(name)) found[name] = Number(kilobytes) / 1024;
  }
  const info = await redis.command("INFO", "memory");
  return { ...found, Redis: Number(/used_memory:(\d+)/.exec(info)?.[1]) / 2 ** 20 };
}
