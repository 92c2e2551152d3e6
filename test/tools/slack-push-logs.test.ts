import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runShell } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { record, slackSetting } from "../support/slack-setting.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const setting = slackSetting(folder);
const logLine = (message: string, more: object = {}) =>
  `${JSON.stringify({ severity: "ERROR", tool: "ingest", message, ...more })}\n`;

test("repeats are one post with their number when the input ends; alerts pass; the parts add up", async () => {
  const { server, run, spool, outbox } = await setting();
  const input = [
    logLine("3 lost"),
    record(1),
    ...Array.from({ length: 50 }, (_, i) => logLine(`${i} lost`, { lost: i })),
    record(2),
    logLine("fine", { severity: "INFO" }),
  ];
  const { code, err } = await run(["--min-severity", "ERROR"], input.join(""));
  assert.equal(code, 0);
  assert.match(err, /54 read = 3 delivered \+ 1 below \+ 50 folded\n$/);
  assert.deepEqual(
    readdirSync(outbox()).filter((name) => name.endsWith(".ndjson")),
    ["spool.ndjson"],
  );
  const texts = server.taken().map(({ text }) => text);
  assert.deepEqual(texts, ["🔴 *ERROR ingest* 3 lost", "🔴 record 1 of many\n🔴 record 2 of many", texts[2]]);
  assert.match(texts[2] ?? "", /^🔴 \*ERROR ingest\* 49 lost \(50 more times in \d+ s\)$/);
  assert.equal(spool(), "");
});

test("while the input is silent, repeats are told when their time is over", async () => {
  const { server, start } = await setting();
  const tool = start(["--fold", "300ms"]);
  tool.child.stdin.write(logLine("gone") + logLine("gone"));
  await until("the repeat is told", () => server.taken().length === 2);
  assert.match(server.taken()[1]?.text ?? "", /gone \(once more in 1 s\)$/);
  tool.child.stdin.end();
  const { code, err } = await tool.ended;
  assert.equal(code, 0);
  assert.match(err, /2 read = 1 delivered \+ 1 folded\n$/);
});

test("what --at-most holds back is counted and told at the end", async () => {
  const { server, run } = await setting();
  const { code, err } = await run(
    ["--at-most", "2/10m"],
    [..."abcdef"].map((letter) => logLine(letter)).join(""),
  );
  assert.equal(code, 0);
  assert.match(err, /6 read = 2 delivered \+ 4 held back\n$/);
  const all = server
    .taken()
    .map(({ text }) => text)
    .join("\n");
  assert.match(
    all,
    /4 log records were held back, for at most 2 posts in 10 min go out:\n• 1 × ERROR ingest: c\n/,
  );
});

test("SIGTERM leaves repeats and what was held back in the spool, counted; the next run tells them", async () => {
  const { server, start, run } = await setting(() => ({ status: 500 }));
  const tool = start(["--at-most", "2/10m"]);
  tool.child.stdin.write(["a", "a", "b", "c"].map((letter) => logLine(letter)).join(""));
  await until("a post was tried", () => server.requests.length > 0);
  tool.child.kill("SIGTERM");
  const { code, err } = await tool.ended;
  assert.equal(code, 143);
  assert.match(err, /4 read = 0 delivered \+ 4 left\n$/);
  server.answer(() => "ok");
  assert.equal((await run()).code, 0);
  const all = server
    .taken()
    .map(({ text }) => text)
    .join("\n");
  assert.match(all, /\* a\n.*\* b\n/);
  assert.match(all, /2 log records were held back/);
});

test("a kill loses no count that is a second old: the next run tells repeats and what was held back", async () => {
  const { server, start, run, outbox } = await setting();
  const tool = start(["--at-most", "2/10m"]);
  const input = ["a", "a", "a", "b", "c"].map((letter) => logLine(letter)).join("");
  tool.child.stdin.write(input);
  const counts = () => readFileSync(join(outbox(), "unposted-0.ndjson"), "utf8");
  await until("both are posted", () =>
    /\* a(\n.*)*\* b/.test(
      server
        .taken()
        .map(({ text }) => text)
        .join("\n"),
    ),
  );
  await until("the counts are kept", () => existsSync(join(outbox(), "unposted-0.ndjson")) && counts());
  // A living process' counts are its own.
  assert.equal((await run()).code, 0);
  assert.match(counts(), /"repeats":\{"count":2,.*\n.*1 log record was held back/);
  tool.child.kill("SIGKILL");
  await tool.ended;

  const posted = server.taken().length;
  const { code, err } = await run();
  assert.equal(code, 0);
  assert.match(err, /besides, 2 of earlier runs or other processes went out/);
  const told = server
    .taken()
    .slice(posted)
    .map(({ text }) => text)
    .join("\n");
  assert.match(told, /a \(2 more times in \d+ s\)/);
  assert.match(
    told,
    /1 log record was held back, for at most 2 posts in 10 min go out:\n• 1 × ERROR ingest: c/,
  );
  assert.ok(!existsSync(join(outbox(), "unposted-0.ndjson")));
});

test("--keep has every log record that was posted, folded or held back, as it was read, and no other", async () => {
  const { run, state } = await setting();
  const kept = join(state, "kept.ndjson");
  const records = ["a", "a", "b", "c"].map((letter) => logLine(letter));
  const input = [...records, record(1), logLine("fine", { severity: "INFO" })].join("");
  const args = ["--min-severity", "error", "--at-most", "1/10m", "--keep", kept];
  assert.equal((await run(args, input)).code, 0);
  assert.equal((await run(args, logLine("later"))).code, 0);
  assert.equal(readFileSync(kept, "utf8"), [...records, logLine("later")].join(""));
});

test("a disk that has no room for what is kept costs no post: 74 at the end, and a line that says why", async () => {
  const { server, run } = await setting();
  const { code, err } = await run(["--keep", "/dev/full"], logLine("a") + logLine("b"));
  assert.equal(code, 74);
  assert.match(
    err,
    /\/dev\/full: cannot write: no space left on the disk; records go to Slack all the same\n/,
  );
  assert.match(err, /2 log records not kept there\n.*2 read = 2 delivered\n$/);
  assert.match(
    server
      .taken()
      .map(({ text }) => text)
      .join("\n"),
    /\* a\n.*\* b$/,
  );
});

test("what a disk took in part is no half of a line", async () => {
  const { state, server } = await setting();
  const kept = join(state, "small.ndjson");
  const input = logLine("x".repeat(6000)) + logLine("y");
  const env = { SLACK_WEBHOOK_URL: server.url, XDG_STATE_HOME: state, KEPT: kept };
  // The spool has the same limit, so it is the spool that fails, and says so; nothing half-written stays.
  const { code, err } = await runShell("trap '' XFSZ; ulimit -f 4; bin/slack-push --keep \"$KEPT\"", {
    env,
    input,
  });
  assert.equal(code, 74);
  assert.match(err, /not kept: /);
  assert.equal(readFileSync(kept, "utf8"), "");
});

test("a dry run folds too, and keeps nothing", async () => {
  const { run, state } = await setting();
  const { out, err } = await run(
    ["--dry-run", "--keep", join(state, "none", "kept.ndjson")],
    logLine("a") + logLine("a"),
  );
  assert.match(
    out,
    /^\{"text":"🔴 \*ERROR ingest\* a",.*\n\{"text":"🔴 \*ERROR ingest\* a \(once more in .*\n$/,
  );
  assert.match(err, /2 read = 1 shown \+ 1 folded\n$/);
});
