import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { recording } from "../support/recording.ts";
import { type Outcome, runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const rsvps = recording("meetup-rsvps-2017-03-19.ndjson");
const RAW = ["--label", "meetup-rsvps", "--time", "mtime", "--id", "rsvp_id"];
const isRoot = process.getuid?.() === 0;
let folders = 0;
const scratch = scratchFolder();
const fresh = () => join(scratch, `a${folders++}`);
const message = (n: number) =>
  `{"mtime":${1_700_000_000_000 + n * 10},"rsvp_id":${n},"words":"${"x".repeat(800)}"}`;
const lines = (count: number) => `${Array.from({ length: count }, (_, n) => message(n)).join("\n")}\n`;
/** Names that others see: what begins with a point is aside. */
const visible = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith("."));

/** The messages of an archive, by ingest. */
async function readBack(folder: string): Promise<string[]> {
  const { code, out, err } = await runTool("ingest", ["--replay", folder, "--speed", "max", "--raw"]);
  assert.equal(code, 0, err);
  return out.trimEnd().split("\n");
}
async function assertWhole(folder: string): Promise<void> {
  const { code, out, err } = await runTool("archive", ["--to", folder, "--verify"]);
  assert.deepEqual([code, out], [0, ""], err);
}

test(
  "every distinct message of the recording is there, those of one id and second too, and comes back in order",
  rsvps.options,
  async () => {
    const folder = fresh();
    const input = rsvps.lines().join("\n");
    const distinct = [...new Set(rsvps.lines())].sort();
    const first = await runTool("archive", ["--to", folder, ...RAW], { input });
    assert.match(first.err, /1541 read = 1535 archived \+ 6 already there/);
    const again = await runTool("archive", ["--to", folder, ...RAW], { input });
    assert.match(again.err, /1541 read = 0 archived \+ 1541 already there/);
    const files = visible(join(folder, "meetup-rsvps"));
    assert.equal(files.length, 1535);
    assert.equal(files.filter((name) => /_\d+-[0-9a-f]{8}\.json$/.test(name)).length, 113);
    assert.deepEqual(
      files.map((name) => readFileSync(join(folder, "meetup-rsvps", name), "utf8")).sort(),
      distinct,
    );
    await assertWhole(folder);

    const batched = await runTool(
      "archive",
      ["--to", folder, ...RAW, "--label", "batches", "--batch", "300KB/1h"],
      { input },
    );
    assert.match(batched.err, /1541 read = 1541 archived/);
    assert.equal(visible(join(folder, "batches")).length, 8);
    const back = await readBack(join(folder, "batches"));
    assert.deepEqual([...back].sort(), rsvps.lines().sort());
    const both = await readBack(folder);
    assert.equal(both.length, 1535 + 1541);
    const times = both.map((line) => (JSON.parse(line) as { mtime: number }).mtime);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  },
);

for (const mode of [[], ["--batch", "200KB/1h"]]) {
  test(`killed five times in the middle and run again, all is there and nothing half-written: ${mode.join(" ")}`, async () => {
    const folder = fresh();
    const args = ["--to", folder, "--label", "l", "--time", "mtime", "--id", "rsvp_id", "--pass", ...mode];
    const passed = new Set<string>();
    for (let kill = 0; kill < 5; kill++) {
      const running = startTool("archive", args);
      running.child.stdin.write(lines(400 * (kill + 1)));
      await until("it has handed something on", () => running.out().length > 2000 * (kill + 1));
      running.child.kill("SIGKILL");
      const { out } = await running.ended;
      for (const line of out.split("\n").slice(0, -1)) passed.add(line);
      if (mode.length === 0)
        for (const name of visible(join(folder, "l")))
          JSON.parse(readFileSync(join(folder, "l", name), "utf8"));
    }
    const last = await runTool("archive", args, { input: mode.length === 0 ? lines(2000) : "" });
    assert.equal(last.code, 0, last.err);
    const there = new Set(await readBack(folder));
    assert.ok(passed.size > 0);
    for (const line of passed)
      assert.ok(there.has(line), `what was handed on is there: ${line.slice(0, 60)}`);
    if (mode.length === 0) assert.equal(there.size, 2000);
    else assert.deepEqual(readdirSync(join(folder, ".open")), []);
    await assertWhole(folder);
  });
}

/** One line that says it, and how it ended. */
function assertRefused({ code, err }: Outcome, expected: number, words: RegExp): void {
  assert.equal(code, expected, err);
  const [line, summary] = err.trimEnd().split("\n");
  assert.match(line!, words);
  assert.match(summary!, /read = .*not stored/);
}

const canMount = isRoot && mountable();
function mountable(): boolean {
  const folder = join(scratch, "mount");
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  }
}
const withMount = canMount ? {} : { skip: "needs to mount a small tmpfs: run it as root" };

for (const mode of [[], ["--batch", "64MB/1h"]]) {
  test(
    `a full disk is one clear line and 74, and nothing is half-written ${mode.join(" ")}`,
    withMount,
    async (t) => {
      const folder = join(scratch, "mount");
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder]);
      t.after(() => execFileSync("umount", [folder]));
      const args = ["--to", folder, "--label", "l", "--time", "mtime", "--id", "rsvp_id", ...mode];
      assertRefused(await runTool("archive", args, { input: lines(3000) }), 74, /no space left on the disk/);
      if (mode.length === 0) {
        await assertWhole(folder);
        assert.ok(visible(join(folder, "l")).length > 0);
      }
    },
  );
}

test("a read-only disk is one clear line and 77", withMount, async (t) => {
  const folder = join(scratch, "mount");
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,ro", "none", folder]);
  t.after(() => execFileSync("umount", [folder]));
  const outcome = await runTool("archive", ["--to", folder, "--time", "mtime"], { input: lines(1) });
  assertRefused(outcome, 77, /read-only/);
});

test("a folder that may not be written is one clear line and 77", {
  skip: isRoot && "root may write anywhere",
}, async () => {
  const folder = fresh();
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  const outcome = await runTool("archive", ["--to", folder, "--time", "mtime"], { input: lines(1) });
  assertRefused(outcome, 77, /permission denied/);
});

test("messages without an id are named by their hash, odd ids safely, and the stream names the label", async () => {
  const folder = fresh();
  const event = (id: string | null, body: string) =>
    `{"t":1000,"at":1000,"stream":"s/../x","key":null,"id":${JSON.stringify(id)},"event":${body}}`;
  const odd = ["../../etc/passwd", ".hidden", "a_b", "a%5Fb", "é", "x".repeat(500)];
  const input = [event(null, '{"n":1}'), event(null, '{"n":2}'), ...odd.map((id) => event(id, '{"a": 1.0}'))];
  const { code, err } = await runTool("archive", ["--to", folder, "--redact", "n"], {
    input: input.join("\n"),
  });
  assert.equal(code, 0, err);
  // Both without an id are the same once they are redacted.
  assert.match(err, /8 read = 7 archived \+ 1 already there/);
  const files = visible(join(folder, "s%2F..%2Fx"));
  assert.equal(files.length, 7);
  assert.ok(
    files.includes("..%2F..%2Fetc%2Fpasswd_1.json") || files.includes("%2E.%2F..%2Fetc%2Fpasswd_1.json"),
  );
  assert.equal(readFileSync(join(folder, "s%2F..%2Fx", "a_b_1.json"), "utf8"), '{"a": 1.0}');
  await assertWhole(folder);
});

test("--verify tells what is bad, with 65", async () => {
  const folder = fresh();
  await runTool("archive", ["--to", folder, "--label", "l", "--time", "mtime", "--id", "rsvp_id"], {
    input: lines(3),
  });
  await runTool("archive", ["--to", folder, "--label", "b", "--batch", "1MB/1h", "--time", "mtime"], {
    input: lines(3),
  });
  const [batch] = visible(join(folder, "b"));
  const zipped = readFileSync(join(folder, "b", batch!));
  writeFileSync(join(folder, "b", batch!), zipped.subarray(0, -9));
  writeFileSync(join(folder, "l", "0_1700000000.json"), '{"mtime":');
  writeFileSync(join(folder, "l", "1_1700000000.json"), message(2));
  writeFileSync(join(folder, "l", "foreign.json"), "");
  const { code, out, err } = await runTool("archive", [
    "--to",
    folder,
    "--verify",
    "--time",
    "mtime",
    "--id",
    "rsvp_id",
  ]);
  assert.equal(code, 65, err);
  assert.equal(out.trimEnd().split("\n").length, 3);
  assert.match(err, /5 found = 1 whole \+ 1 foreign \+ 3 bad/);
});

/** A message of ten days ago and one of a minute ago. */
function oldAndNew(): string {
  const times = [Date.now() - 10 * 86_400_000, Date.now() - 60_000];
  return times.map((t) => `{"mtime":${t},"rsvp_id":${t}}`).join("\n");
}

test("--keep removes what happened longer ago, of its label only and nothing that archive has not named", async () => {
  const folder = fresh();
  const input = oldAndNew();
  const raw = ["--time", "mtime", "--id", "rsvp_id"];
  await runTool("archive", ["--to", folder, "--label", "l", ...raw], { input });
  await runTool("archive", ["--to", folder, "--label", "l", "--batch", "1MB/1h", ...raw], {
    input: input.split("\n")[0]!,
  });
  const theirs = [
    "l/mine.txt",
    "l/report_1.json",
    "photos/img_2019.json",
    "b/5_1600000000.json",
    "l/sub/5_1600000000.json",
  ];
  for (const name of theirs) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "{}");
  }
  const { code, err } = await runTool("archive", ["--to", folder, "--label", "l", "--keep", "7d"]);
  assert.equal(code, 0, err);
  assert.match(err, /l: removed 2 /);
  for (const name of theirs) assert.ok(existsSync(join(folder, name)), name);
  assert.equal(visible(join(folder, "l")).length, 4);
});

test("--keep without a label removes of the streams that the run has seen", async () => {
  const folder = fresh();
  const event = (stream: string, t: number) =>
    `{"t":${t},"at":${t},"stream":"${stream}","key":null,"id":"${t}","event":{"t":${t}}}\n`;
  const old = Date.now() - 10 * 86_400_000;
  const put = await runTool("archive", ["--to", folder], { input: event("a", old) + event("b", old) });
  assert.equal(put.code, 0, put.err);
  const { code, err } = await runTool("archive", ["--to", folder, "--keep", "7d"], {
    input: event("a", Date.now()),
  });
  assert.equal(code, 0, err);
  assert.match(err, /a: removed 1 /);
  assert.deepEqual([visible(join(folder, "a")).length, visible(join(folder, "b")).length], [1, 1]);
});

test("a batch is closed at its age, while the input lasts", async () => {
  const folder = fresh();
  const running = startTool("archive", [
    "--to",
    folder,
    "--label",
    "l",
    "--time",
    "mtime",
    "--batch",
    "64MB/1s",
  ]);
  running.child.stdin.write(lines(2));
  await until("the batch is there", async () =>
    (await runShell(`ls ${folder}/l`)).out.includes(".ndjson.gz"),
  );
  running.child.stdin.end();
  assert.equal((await running.ended).code, 0);
});
