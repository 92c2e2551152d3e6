// What an archive takes: messages a second as objects beside what the disk takes of the same files without us, and in batches.
//   node bench/archive.mjs [messages]      after scripts/setup.sh; makes and removes about 1 GB in the temporary folder
import { spawnSync } from "node:child_process";
import {
  closeSync,
  fsync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = new URL("..", import.meta.url).pathname;
const OBJECTS = Number(process.argv[2] ?? 20_000);
const BATCHED = OBJECTS * 10;
const ROUNDS = 3;
/** As archive does it: open at a time, then synced side by side. */
const GROUP = 256;
const folder = mkdtempSync(join(tmpdir(), "rsvpulse-bench-"));
const env = { ...process.env, RSVPULSE_LOG: "json" };
const syncAside = promisify(fsync);

try {
  const input = join(folder, "in.ndjson");
  shell(
    `bin/simulate --print 30d --rate 1000 --seed bench --start 2026-01-01T00:00:00Z 2>/dev/null | head -n ${BATCHED} > ${input}`,
  );
  shell(`head -n ${OBJECTS} ${input} > ${folder}/few.ndjson`);
  const bytes = Math.round(statSync(input).size / BATCHED);
  process.stdout.write(`messages of ${bytes} bytes; a second, in ${ROUNDS} rounds in turn\n`);
  for (let round = 0; round < ROUNDS; round++) {
    const one = await files(bytes, { syncing: false });
    const group = await files(bytes, { syncing: true });
    const objects = archive(`${folder}/few.ndjson`, OBJECTS, []);
    const log = appended(bytes);
    const batches = archive(input, BATCHED, ["--batch", "64MB/5m"]);
    tell("files made, linked and never synced", one);
    tell("the same, synced in groups: the disk's limit", group);
    tell("archive, as objects", objects);
    tell("one file, appended and synced each mebibyte", log);
    tell("archive, in batches", batches);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function shell(command) {
  const { status, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", command], { cwd: ROOT, env });
  if (status !== 0 && status !== 141) throw new Error(`${command}: exit code ${status}: ${stderr}`);
}

function tell(what, rate) {
  process.stdout.write(`${what.padEnd(50)} ${Math.round(rate).toLocaleString("en-US").padStart(9)}\n`);
}

function timed(count, begun) {
  return count / ((performance.now() - begun) / 1000);
}

function archive(input, count, words) {
  const to = join(folder, "archive");
  const begun = performance.now();
  shell(`bin/archive --to ${to} --label l --time mtime --id rsvp_id ${words.join(" ")} < ${input}`);
  const rate = timed(count, begun);
  const kept = readdirSync(join(to, "l")).reduce((sum, name) => sum + statSync(join(to, "l", name)).size, 0);
  if (words.length > 0)
    process.stdout.write(
      `(batches hold ${((kept / statSync(input).size) * 100).toFixed(1)} % of the bytes)\n`,
    );
  rmSync(to, { recursive: true });
  return rate;
}

async function files(bytes, { syncing }) {
  const to = join(folder, "files");
  mkdirSync(to);
  const body = Buffer.alloc(bytes, "x");
  const begun = performance.now();
  for (let at = 0; at < OBJECTS; at += GROUP) {
    const open = [];
    for (let i = at; i < Math.min(at + GROUP, OBJECTS); i++) {
      const descriptor = openSync(join(to, `.${i}`), "wx");
      writeSync(descriptor, body);
      open.push({ i, descriptor });
    }
    if (syncing) await Promise.all(open.map(({ descriptor }) => syncAside(descriptor)));
    for (const { i, descriptor } of open) {
      closeSync(descriptor);
      linkSync(join(to, `.${i}`), join(to, `${i}`));
      unlinkSync(join(to, `.${i}`));
    }
  }
  const rate = timed(OBJECTS, begun);
  rmSync(to, { recursive: true });
  return rate;
}

function appended(bytes) {
  const path = join(folder, "log");
  const descriptor = openSync(path, "w");
  const chunk = Buffer.alloc(1 << 20, "x");
  const begun = performance.now();
  const chunks = Math.ceil((BATCHED * bytes) / chunk.length);
  for (let i = 0; i < chunks; i++) {
    writeSync(descriptor, chunk);
    fsyncSync(descriptor);
  }
  const rate = timed(BATCHED, begun);
  closeSync(descriptor);
  rmSync(path);
  return rate;
}
