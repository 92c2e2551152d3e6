// What the page costs its viewer: processor time of all of Chromium, and its script's memory, while a stream of ten events a
// second runs.
//   node bench/page.mjs [minutes] [speed]      needs Chromium (RSVPULSE_CHROMIUM: another); 60 times as fast: an hour in a minute
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { chromium } from "playwright-core";

const ROOT = new URL("..", import.meta.url).pathname;
const minutes = Number(process.argv[2] ?? 2);
const speed = Number(process.argv[3] ?? 1);
/** Where what a viewer does once, to load the page, is over, s. */
const SETTLE_SECONDS = 15;
/** Clock ticks a second, in which /proc counts. */
const HERTZ = Number(spawnSync("getconf", ["CLK_TCK"]).stdout.toString());

const folder = mkdtempSync(join(tmpdir(), "rsvpulse-bench-"));
const file = join(folder, "port");
const span = Math.ceil(minutes * speed) + 2;
const made = `bin/simulate --print ${span}m --rate 10 --seed page --story 2m:surge=4:60s,5m:share=TX/5:60s`;
const served = spawn(
  "bash",
  [
    "-c",
    `${made} | bin/ingest --replay - --speed ${speed} --shift-to-now --stream meetup-rsvps | exec bin/api --stdin --port 0 --port-file ${file}`,
  ],
  { cwd: ROOT, stdio: "ignore", detached: true, env: { ...process.env, RSVPULSE_LOG: "json" } },
);
const browser = await chromium.launch({
  executablePath: process.env.RSVPULSE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});
try {
  while (!existsSync(file)) await delay(50);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const debug = await page.context().newCDPSession(page);
  await page.goto(`http://127.0.0.1:${readFileSync(file, "utf8").trim()}/vis`);
  await delay(SETTLE_SECONDS * 1000);
  let before = { ticks: ticksOfBrowser(), at: performance.now() };
  for (let minute = 1; minute <= minutes; minute++) {
    await delay(60_000);
    const after = { ticks: ticksOfBrowser(), at: performance.now() };
    const share = ((after.ticks - before.ticks) / HERTZ / ((after.at - before.at) / 1000)) * 100;
    before = after;
    await debug.send("HeapProfiler.collectGarbage");
    const { usedSize } = await debug.send("Runtime.getHeapUsage");
    const nodes = (await debug.send("Memory.getDOMCounters")).nodes;
    process.stdout.write(
      `${minute} min: ${share.toFixed(2)} % of a core, ${(usedSize / 1e6).toFixed(2)} MB of script, ${nodes} nodes\n`,
    );
  }
} finally {
  await browser.close();
  process.kill(-served.pid, "SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}

/** Processor time of the browser and all that it started, clock ticks. proc(5). */
function ticksOfBrowser() {
  const processes = new Map();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      processes.set(Number(name), {
        parent: Number(fields[1]),
        ticks: Number(fields[11]) + Number(fields[12]),
      });
    } catch {
      // It ended meanwhile.
    }
  }
  const isOurs = (id) => {
    for (let at = id; at > 1; at = processes.get(at)?.parent ?? 0) if (at === process.pid) return true;
    return false;
  };
  let ticks = 0;
  for (const [id, one] of processes)
    if (id !== process.pid && isOurs(id) && isBrowser(id)) ticks += one.ticks;
  return ticks;
}

function isBrowser(id) {
  try {
    return /chrom/i.test(readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0", 1)[0]);
  } catch {
    return false;
  }
}
