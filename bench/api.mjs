// How fast the API answers: before and after ten million events, and beside a bare node:http server in the same run.
//   node bench/api.mjs [events in millions]      needs redis-server
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";

const ROOT = new URL("..", import.meta.url).pathname;
const ROUNDS = 3;
const SECONDS = 8;
const CONNECTIONS = 20;
/** What is asked of it: so many requests a second, and 99 of 100 within so many ms. */
const RATE = 10_000;
const P99_MS = 5;
const CATEGORIES = 50;

// This file again, as the bare server that it is compared with.
if (process.argv[2] === "--bare") await serveBare();
else await measure(Number(process.argv[2] ?? 10) * 1e6);

async function measure(events) {
  const folder = mkdtempSync(join(tmpdir(), "rsvpulse-bench-"));
  const socket = join(folder, "redis.sock");
  const redis = spawn(
    "redis-server",
    ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
    {
      stdio: "ignore",
    },
  );
  const env = { ...process.env, REDIS_URL: `unix://${socket}`, RSVPULSE_LOG: "json" };
  const running = [redis];
  try {
    await until(() => existsSync(socket));
    await count(env, 10_000);
    const api = await started(
      running,
      join(ROOT, "bin/api"),
      ["--stream", "bench", "--port", "0"],
      folder,
      env,
    );
    const bare = await started(
      running,
      process.execPath,
      [fileURLToPath(import.meta.url), "--bare"],
      folder,
      env,
    );
    tell(
      `${CONNECTIONS} connections, ${SECONDS} s each, ${ROUNDS} rounds in turns; ${CATEGORIES} categories`,
    );
    await turns(
      { "GET /histogram": `${api}/histogram`, "the same bytes from bare node:http": bare },
      `${api}/histogram`,
    );
    const begun = performance.now();
    await count(env, events);
    tell(`${events / 1e6} million events counted in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    const { n } = await (await fetch(`${api}/entropy?over=all`)).json();
    if (n < events) throw new Error(`the API knows of ${n} events only`);
    await turns(
      { "GET /histogram": `${api}/histogram`, "the same bytes from bare node:http": bare },
      `${api}/histogram`,
    );
    await turns({ "GET /probability?key=C7": `${api}/probability?key=C7`, "GET /rate": `${api}/rate` });
  } finally {
    for (const child of running.reverse()) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts made-up events of 50 uneven categories through insert-distribution. */
async function count(env, events) {
  const tool = spawn(join(ROOT, "bin/insert-distribution"), { env, stdio: ["pipe", "ignore", "inherit"] });
  const start = Date.now();
  let lines = "";
  for (let i = 0; i < events; i++) {
    const t = start + Math.floor(i / 100);
    const key = `C${Math.floor(CATEGORIES * ((i * 0.6180339887) % 1) ** 2)}`;
    lines += `{"t":${t},"at":${t},"stream":"bench","key":"${key}","id":null,"event":{}}\n`;
    if (lines.length > 1e6) {
      if (!tool.stdin.write(lines)) await once(tool.stdin, "drain");
      lines = "";
    }
  }
  tool.stdin.end(lines);
  await once(tool, "close");
}

/** Each address in turn: as fast as it can, and then at the rate that is asked of it. */
async function turns(addresses, limited) {
  const found = new Map(Object.keys(addresses).map((name) => [name, []]));
  const atRate = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, url] of Object.entries(addresses)) found.get(name).push(await fired({ url }));
    if (limited !== undefined) atRate.push(await fired({ url: limited, overallRate: RATE }));
  }
  for (const [name, results] of found) tell(`${name}: ${words(results)}`);
  if (limited !== undefined)
    tell(`the first at ${RATE} a second (p99 under ${P99_MS} ms is asked): ${words(atRate)}`);
}

async function fired(options) {
  const result = await autocannon({ connections: CONNECTIONS, duration: SECONDS, ...options });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${options.url}: ${result.non2xx} refused, ${result.errors} failed`);
  return { rate: result.requests.average, p99: result.latency.p99, max: result.latency.max };
}

function words(results) {
  const each = (of) => results.map(of).sort((a, b) => a - b);
  const [rates, p99] = [each(({ rate }) => rate), each((one) => one.p99)];
  return `${Math.round(rates[1] ?? rates[0])} requests a second (least ${Math.round(rates[0])}); p99 ${p99.join(", ")} ms`;
}

/** Starts a server that writes its port into a file. */
async function started(running, command, args, folder, env) {
  const file = join(folder, `port-${running.length}`);
  running.push(
    spawn(command, [...args, "--port-file", file], { env, stdio: ["ignore", "ignore", "inherit"] }),
  );
  await until(() => existsSync(file) && readFileSync(file, "utf8") !== "");
  return `http://127.0.0.1:${readFileSync(file, "utf8").trim()}`;
}

async function serveBare() {
  const { writeFileSync } = await import("node:fs");
  const shares = Array.from({ length: CATEGORIES }, (_, i) => `"C${i}":${1 / (CATEGORIES + 0.1 * i)}`);
  const body = `{${shares.join(",")}}`;
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
  server.listen(0, "127.0.0.1", () => writeFileSync(process.argv[4], `${server.address().port}\n`));
}

async function until(condition) {
  while (!condition()) await delay(50);
}

function tell(text) {
  process.stdout.write(`${text}\n`);
}
