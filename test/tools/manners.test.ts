import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { redisServer } from "../support/redis-server.ts";
import { ROOT, runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

/** What is common to all tools (DESIGN: manners), tried on each of them. */
const TOOLS = readdirSync(`${ROOT}/bin`).filter((name) => name !== "rsvpulse");
const folder = scratchFolder();
const redis = await redisServer();
const env = { REDIS_URL: redis.url, XDG_STATE_HOME: folder };

const EVENT = (t: number) => `{"t":${t},"at":${t},"stream":"s","key":null,"id":null,"event":{}}`;
const MESSAGE = (t: number) => `{"t":${t},"group":{"state":"ca"},"n":-1.5e3,"words":"caf\u00e9"}`;
const GAP = (t: number) => `{"t":${t},"at":${t},"stream":"s","diff":1}`;
const RATE = (t: number) =>
  `{"t":${t},"stream":"s","avg":1,"rate":1,"count":9,"window":120,"events":1,"seconds":1,"silence":0,"connected":true,"stale":0}`;
const TEXT = (t: number) => `{"t":${t},"text":"hello"}`;

/** The tools that read lines: how, and a good line. */
const READERS: Readonly<Record<string, { args: readonly string[]; good: (t: number) => string }>> = {
  ingest: { args: ["--replay", "-", "--speed", "max", "--time", "t"], good: MESSAGE },
  diff: { args: [], good: EVENT },
  "redis-insert": { args: [], good: GAP },
  "insert-distribution": { args: [], good: EVENT },
  avg: { args: ["--stdin"], good: GAP },
  stats: { args: ["--stdin"], good: EVENT },
  "check-detect": { args: [], good: RATE },
  // A record that stands still is told as blindness at once, so there is something to explain.
  explain: { args: ["s-blind-1000"], good: (t) => RATE(t).replace('"stale":0', '"stale":20') },
  unusualness: { args: [], good: EVENT },
  "slack-push": { args: ["--dry-run"], good: TEXT },
  archive: { args: ["--to", `${folder}/archive`], good: EVENT },
  api: { args: ["--stdin", "--port", "0", "--end-with-input"], good: EVENT },
  // Nobody is named in these events, so nobody is asked for.
  profiles: { args: ["--to", `${folder}/people`, "--api", "http://127.0.0.1:1"], good: EVENT },
};

/** Good lines in which bytes are lost, doubled, changed or put in, and now and then one that is left as it is. */
function bentLines(good: (t: number) => string, count: number): Buffer {
  let state = 12345;
  // Numerical Recipes' quick generator: the same lines every time.
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const lines = Array.from({ length: count }, (_, i) => {
    const bytes = [...Buffer.from(good(1_700_000_000_000 + i * 1000))];
    for (let bends = below(4); bends > 0; bends--) {
      const at = below(bytes.length);
      const put = [0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x2d, 0x39, 0x65, 0x00, 0xff, 0x0d][below(11)]!;
      bytes.splice(at, below(3), ...[put, bytes[at] ?? put].slice(0, below(3)));
    }
    return Buffer.from([...bytes.filter((byte) => byte !== 0x0a), 0x0a]);
  });
  return Buffer.concat(lines);
}

for (const tool of TOOLS) {
  test(`${tool} --help tells what it does and its options, with 0`, async () => {
    const { code, out, err } = await runTool(tool, ["--help"], { env });
    assert.equal(code, 0);
    assert.equal(err, "");
    assert.match(out, new RegExp(`^Usage: ${tool} .*\\n\\n${tool} .+\\.\\n`));
    assert.match(out, /--config <file>/);
    assert.match(out, /Examples:/);
  });

  test(`${tool} refuses an unknown option with one line that names the nearest, and 64`, async () => {
    const { code, out, err } = await runTool(tool, ["--confg", "x"], { env });
    assert.deepEqual([code, out], [64, ""]);
    assert.match(err, new RegExp(`^${tool}: unknown option '--confg' \\(did you mean --config\\?\\).*\\n$`));
  });

  test(`${tool} takes settings from its config file and refuses unknown ones with 78`, async () => {
    const { code, err } = await runShell(
      `echo '{"${tool}":{"zzz":1}}' > ${folder}/${tool}.json; bin/${tool} --config ${folder}/${tool}.json`,
      { env },
    );
    assert.equal(code, 78);
    assert.match(err, /unknown field "zzz"/);
  });

  test(`${tool} writes log records when its standard error is no terminal`, async () => {
    const { err } = await runTool(tool, ["--confg"], { env: { ...env, RSVPULSE_LOG: undefined } });
    const record = JSON.parse(err) as Record<string, unknown>;
    assert.deepEqual(Object.keys(record).slice(0, 4), ["time", "severity", "tool", "message"]);
    assert.deepEqual([record["severity"], record["tool"]], ["ERROR", tool]);
  });
}

for (const [tool, log] of ["redis-insert", "insert-distribution"].flatMap((name) => [
  [name, "json"] as const,
  [name, "text"] as const,
])) {
  test(`${tool} writes nothing, so it leaves a standard output that it shares as it was, with a log of ${log}`, {
    skip: existsSync("/proc/self/fdinfo/1") ? false : "no /proc here",
  }, async () => {
    const stream = `shared-${log}`;
    const running = startTool(tool, ["--log", log], { env });
    running.child.stdin.write(`garbage\n${`${GAP(1)}\n${EVENT(1)}\n`.replaceAll('"s"', `"${stream}"`)}`);
    const key = `*{${stream}/0}:${tool === "redis-insert" ? "gaps" : "counts"}`;
    await until("it has stored something", async () =>
      (await redis.command("KEYS", key)).includes("rsvpulse"),
    );
    await until("it has said something", () => running.err() !== "");
    const [, flags] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${running.child.pid}/fdinfo/1`, "utf8"))!;
    running.child.stdin.end();
    assert.equal((await running.ended).code, 0);
    // Linux' O_NONBLOCK.
    assert.equal(Number.parseInt(flags!, 8) & 0o4000, 0);
  });
}

test("every launcher is registered, under a name that hides no other program", () => {
  const { bin } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")) as {
    readonly bin: Record<string, string>;
  };
  const expected = TOOLS.map((tool) => [`rsvpulse-${tool}`, `bin/${tool}`]);
  assert.deepEqual(Object.entries(bin).sort(), [["rsvpulse", "bin/rsvpulse"], ...expected].sort());
});

test("every tool that reads lines is tried here", () =>
  assert.deepEqual(
    Object.keys(READERS).sort(),
    TOOLS.filter((tool) => tool !== "simulate" && tool !== "collect").sort(),
  ));

for (const [tool, { args, good }] of Object.entries(READERS)) {
  test(`${tool}: a line of 2 MiB and a line of garbage are reported, counted, kept, and the stream goes on`, async () => {
    const rejects = `${folder}/${tool}.rejects`;
    const input = [good(1000), `{"x":"${"x".repeat(2 << 20)}"}`, "garbage", good(2000)].join("\n");
    const { code, err } = await runTool(tool, [...args, "--rejects", rejects], { env, input });
    assert.equal(code, 0, err);
    assert.match(err, new RegExp(`^${tool}: line 2: expected a line of at most 1048576 bytes`, "m"));
    assert.match(err, new RegExp(`^${tool}: line 3: expected .*garbage`, "m"));
    const summary = err.trimEnd().split("\n").at(-1)!;
    assert.match(summary, new RegExp(`^${tool}: 4 read = .*2 bad`));
    const kept = readFileSync(rejects, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { line: number; text: string });
    assert.deepEqual(
      kept.map(({ line }) => line),
      [2, 3],
    );
    assert.equal(kept[0]!.text.length, 4096);
  });

  test(`${tool}: lines bent out of shape in two thousand ways are no defect`, async () => {
    const { code, err } = await runTool(tool, args, { env, input: bentLines(good, 2000) });
    // They do not lead to the alert that is to be explained.
    assert.equal(code, tool === "explain" ? 65 : 0, err.slice(-2000));
    assert.match(err.trimEnd().split("\n").at(-1)!, new RegExp(`^${tool}: \\d+ read = `));
  });

  test(`${tool}: --strict stops at the first bad line with 65`, async () => {
    const { code, err } = await runTool(tool, [...args, "--strict"], { env, input: `garbage\n${good(1)}\n` });
    assert.equal(code, 65, err);
  });

  test(`${tool}: nothing but bad input is 65, no input at all is 0`, async () => {
    assert.equal((await runTool(tool, args, { env, input: "garbage\n" })).code, 65);
    assert.equal((await runTool(tool, args, { env, input: "" })).code, 0);
  });

  test(`${tool}: the parts of its last line add up`, async () => {
    const lines = Array.from({ length: 50 }, (_, i) => good(1_700_000_000_000 + i * 1000));
    const { err } = await runTool(tool, args, { env, input: [...lines, "{}", "x", "", ...lines].join("\n") });
    const summary = err.trimEnd().split("\n").at(-1)!;
    const [, read, parts] = /: (\d+) read = (.*)$/.exec(summary) ?? assert.fail(summary);
    const sum = parts!.split(" + ").reduce((total, part) => total + Number.parseInt(part, 10), 0);
    assert.equal(Number(read), sum, summary);
    assert.equal(Number(read), 102);
  });

  if (tool === "ingest") continue;
  const begin = async () => {
    const running = startTool(tool, args, { env });
    running.child.stdin.write(`nonsense\n${good(1000)}\n`);
    await until("it has read a line", () => running.err().includes("line 1"));
    return running;
  };
  if (tool === "api") {
    test(`${tool}: SIGTERM and Ctrl-C end it in order, with 0`, async () => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        const running = await begin();
        running.child.kill(signal);
        const { code, err } = await running.ended;
        assert.equal(code, 0, err);
        assert.match(err, /2 read = /);
      }
    });
    continue;
  }
  test(`${tool}: SIGTERM drains and ends with 143; the first Ctrl-C is left to the source, a second ends it`, async () => {
    const terminated = await begin();
    terminated.child.kill("SIGTERM");
    const { code, err } = await terminated.ended;
    assert.equal(code, 143, err);
    assert.match(err, /2 read = /);

    const interrupted = await begin();
    interrupted.child.kill("SIGINT");
    interrupted.child.stdin.end(`${good(2000)}\n`);
    assert.equal((await interrupted.ended).code, 0, interrupted.err());

    const impatient = await begin();
    impatient.child.kill("SIGINT");
    // Two signals of a kind that are pending at once count as one: the second follows when the first was taken.
    const killer = setInterval(() => impatient.child.kill("SIGINT"), 100);
    const { signal, code: last } = await impatient.ended;
    clearInterval(killer);
    assert.ok(signal === "SIGINT" || last === 130, `${signal} ${last}`);
  });
}

for (const line of [
  "bin/ingest --replay <(for i in $(seq 20000); do echo '{\"t\":'$i'}'; done) --time t --speed max | head -1",
  "bin/diff --time t < <(seq 200000 | sed 's/.*/{\"t\":&}/') | head -1",
  'bin/avg --stdin < <(seq 200000 | sed \'s/.*/{"t":&000,"diff":1}/\') | head -1',
  "bin/stats --stdin --time t:s --key t < <(seq 200000 | sed 's/.*/{\"t\":&}/') | head -1",
]) {
  test(`a reader that goes away ends it quietly: ${line.slice(0, 40)}…`, async () => {
    const { code, out, err } = await runShell(line, { env });
    assert.equal(code, 0, err);
    assert.equal(out.split("\n").length, 2);
    assert.doesNotMatch(err, /EPIPE|defect/);
  });
}

test("a bare number for a span is 64 and told what is missing", async () => {
  const { code, err } = await runTool("diff", ["--lateness", "5"], { env });
  assert.equal(code, 64);
  assert.match(err, /^diff: --lateness: expected a span of time with a unit, got "5" .*\n$/);
});

test("the environment gives settings, the flag wins, and variables of others are left alone", async () => {
  const lines = "bin/diff 2>&1 >/dev/null < /dev/null";
  assert.equal((await runShell(lines, { env: { ...env, RSVPULSE_DIFF_LATENESS: "x" } })).code, 64);
  assert.equal((await runShell(lines, { env: { ...env, RSVPULSE_LATENESS: "x" } })).code, 64);
  assert.equal((await runShell(lines, { env: { ...env, RSVPULSE_NO_SUCH: "x" } })).code, 0);
  assert.equal(
    (
      await runShell(lines.replace("bin/diff", "bin/diff --lateness 1s"), {
        env: { ...env, RSVPULSE_LATENESS: "x" },
      })
    ).code,
    0,
  );
});

test("a full disk is one clear line and 74", async () => {
  const { code, err } = await runShell("seq 20000 | sed 's/.*/{\"t\":&}/' | bin/diff --time t > /dev/full", {
    env,
  });
  assert.equal(code, 74, err);
  assert.match(err, /standard output: cannot write: no space left/);
});

test("a log that the disk cannot take costs the log, not the work", async () => {
  for (const format of ["json", "text"]) {
    const { code, out } = await runShell("seq 5 | sed 's/.*/{\"t\":&}/' | bin/diff --time t 2>/dev/full", {
      env: { ...env, RSVPULSE_LOG: format },
    });
    assert.equal(code, 0);
    assert.equal(out.split("\n").length, 5);
  }
});

for (const command of ["bin/diff --help", "bin/diff --version", "bin/rsvpulse --help"]) {
  test(`${command}: a full disk is one clear line and 74, a reader that is gone is nothing`, async () => {
    const full = await runShell(`${command} > /dev/full`, { env });
    assert.equal(full.code, 74);
    assert.match(full.err, /^\w+: standard output: cannot write: no space left on the disk\n$/);
    const gone = await runShell(`${command} | sleep 0`, { env });
    assert.deepEqual([gone.code, gone.err], [0, ""]);
  });
}

test("no secret comes back in an error: neither Redis' password nor the webhook", async () => {
  const secret = "hunter2hunter2";
  const away = await runTool("avg", ["--once"], {
    env: { ...env, REDIS_URL: `redis://user:${secret}@127.0.0.1:1` },
  });
  assert.equal(away.code, 69);
  const hook = await runTool("slack-push", [], {
    input: `${TEXT(1)}\n`,
    env: { ...env, SLACK_WEBHOOK_URL: `ftp://hooks.slack.com/${secret}` },
  });
  assert.equal(hook.code, 78);
  for (const { out, err } of [away, hook]) assert.doesNotMatch(out + err, new RegExp(secret));
});
