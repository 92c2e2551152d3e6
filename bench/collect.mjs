// All five streams through collect for as long as one likes, cut every 90 s and killed with SIGKILL at random instants; then what
// is in the archive is compared with what was sent, byte for byte, and the documents with who was named.
//   node bench/collect.mjs [seconds = 3600] [RSVPs a second = 10] [kills = 5]
// Stores that fail are in test/pipelines/collect.test.ts.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const [seconds, rate, kills] = [3600, 10, 5].map((value, i) => Number(process.argv[2 + i] ?? value));
const STREAMS = ["rsvps", "open_events", "open_venues", "event_comments", "photos"];
/** What is dated so long before it is sent cannot be asked for by its time, ms. */
const ASKED_BACK_MS = 60_000;
const bin = new URL("../bin/", import.meta.url).pathname;
const folder = mkdtempSync(`${tmpdir()}/rsvpulse-collect-`);
const env = {
  ...process.env,
  XDG_STATE_HOME: `${folder}/state`,
  RSVPULSE_LOG: "text",
  SLACK_WEBHOOK_URL: "",
};
const start = new Date().toISOString();
const world = ["--rate", String(rate), "--seed", "collect", "--start", start];
/** Nothing is sent before somebody listens. */
const story = ["--story", `0s:silence:5s,every=90s:cut,${seconds}s:silence`];
const labelOf = (stream) => `meetup-${stream.replace("_", "-")}`;

const simulate = spawn(
  `${bin}simulate`,
  [...world, ...story, "--port", "0", "--port-file", `${folder}/port`],
  { env },
);
let port;
while (port === undefined) {
  await delay(50);
  try {
    port = readFileSync(`${folder}/port`, "utf8").trim();
  } catch {
    // It does not listen yet.
  }
}
const url = `http://127.0.0.1:${port}`;
const streams = STREAMS.map((name) => ({
  source: labelOf(name),
  url: `${url}/2/${name}${name === "open_venues" ? "?trickle" : ""}`,
}));
const config = {
  streams,
  archive: { to: `${folder}/archive` },
  profiles: { to: `${folder}/people`, api: url },
};
writeFileSync(`${folder}/config.json`, JSON.stringify({ collect: config }));

let errors = "";
const begin = () => {
  const child = spawn(`${bin}collect`, ["--config", `${folder}/config.json`], { env });
  child.stderr.on("data", (text) => {
    errors += text;
  });
  return child;
};
const ended = (child) => new Promise((resolve) => child.on("close", resolve));

/** What each stream sends: lines, and when they happened. */
const sent = new Map(
  STREAMS.map((stream) => {
    const printed = spawnSync(
      `${bin}simulate`,
      [...world, ...story, "--print", `${seconds + 60}s`, "--stream", stream],
      {
        env,
        maxBuffer: 2 ** 31 - 1,
      },
    );
    let greatest = 0;
    const lines = printed.stdout
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .map((text) => {
        const { mtime } = JSON.parse(text);
        greatest = Math.max(greatest, mtime);
        return { text, isDue: mtime > greatest - ASKED_BACK_MS };
      });
    return [stream, lines];
  }),
);
const archived = (stream) => {
  const path = `${folder}/archive/${labelOf(stream)}`;
  return readdirSync(path).map((name) => readFileSync(`${path}/${name}`, "utf8"));
};
const missing = () => {
  let count = 0;
  for (const [stream, lines] of sent) {
    const there = new Set(archived(stream));
    count += lines.filter(({ text, isDue }) => isDue && !there.has(text)).length;
  }
  return count;
};

const instants = Array.from({ length: kills }, () => Math.random() * seconds).sort((a, b) => a - b);
const begun = performance.now();
let collector = begin();
for (const instant of instants) {
  await delay(Math.max(1000, instant * 1000 - (performance.now() - begun)));
  collector.kill("SIGKILL");
  await ended(collector);
  collector = begin();
}
await delay(Math.max(1000, (seconds + 10) * 1000 - (performance.now() - begun)));
for (let tries = 0; tries < 60 && missing() > 0; tries++) await delay(2000);
// Ids linger for some seconds.
await delay(15_000);
collector.kill("SIGTERM");
const code = await ended(collector);
simulate.kill("SIGTERM");

const all = [...sent.values()].flat();
const objects = STREAMS.flatMap(archived);
const known = new Set(all.map(({ text }) => text));
const result = {
  seconds,
  rate,
  kills,
  sent: all.length,
  dueAfterKills: all.filter(({ isDue }) => isDue).length,
  archived: objects.length,
  missing: missing(),
  twice: objects.length - new Set(objects).size,
  foreign: objects.filter((text) => !known.has(text)).length,
  members: readdirSync(`${folder}/people/members`).length,
  groups: readdirSync(`${folder}/people/groups`).length,
  refusedByTheLimit: (errors.match(/answers 429/g) ?? []).length,
  code,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = result.missing + result.twice + result.foreign === 0 && code === 0 ? 0 : 1;
