import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Outcome, type RunningTool, runShell, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { type SlackPayload, type SlackServer, slackServer } from "../support/slack-server.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
let states = 0;

interface Setting {
  readonly server: SlackServer;
  /** Its state folder. */
  readonly state: string;
  start(args?: readonly string[], input?: string): RunningTool;
  run(args?: readonly string[], input?: string): Promise<Outcome>;
  /** Runs it where no file may grow over 4 KiB. */
  runLimited(input: string): Promise<Outcome>;
  /** The one outbox in the state folder. */
  outbox(): string;
  spool(): string;
}

/** A Slack, a state folder, and a slack-push that knows both. */
async function setting(script?: Parameters<typeof slackServer>[0]): Promise<Setting> {
  const server = await slackServer(script);
  const state = join(folder, `state-${states++}`);
  mkdirSync(state);
  const env = { SLACK_WEBHOOK_URL: server.url, XDG_STATE_HOME: state };
  const outbox = () => join(state, "rsvpulse", "outbox", readdirSync(join(state, "rsvpulse", "outbox"))[0]!);
  const start = (args: readonly string[] = [], input?: string) =>
    startTool("slack-push", ["--interval", "10ms", ...args], input === undefined ? { env } : { env, input });
  return {
    server,
    state,
    start,
    run: async (args = [], input = "") => {
      const outcome = await start(args, input).ended;
      for (const secret of ["SECRET", "/services/"]) assert.ok(!outcome.err.includes(secret), outcome.err);
      return outcome;
    },
    runLimited: (input) =>
      runShell("trap '' XFSZ; ulimit -f 4; bin/slack-push --interval 10ms", { env, input }),
    outbox,
    spool: () => readFileSync(join(outbox(), "spool.ndjson"), "utf8"),
  };
}

const record = (number: number) => `{"text":"record ${number} of many"}\n`;
const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => record(from + i)).join("");
/** The numbers of the records that messages show, in order. */
const numbersIn = (payloads: readonly SlackPayload[]) =>
  payloads.flatMap(({ text }) =>
    [...(text ?? "").matchAll(/record (\d+) of/g)].map((match) => Number(match[1])),
  );
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test("records are delivered in order, several in one post, and the spool is empty afterwards", async () => {
  const slack = await setting();
  const { code, err } = await slack.run([], records(0, 30));
  assert.equal(err, "slack-push: 30 read = 30 delivered\n");
  assert.equal(code, 0);
  assert.deepEqual(numbersIn(slack.server.taken()), range(0, 30));
  assert.ok(slack.server.requests.length < 5);
  assert.equal(slack.spool(), "");
  assert.equal(statSync(slack.outbox()).mode & 0o777, 0o700);
});

test("a webhook that is gone ends the tool with 78 although its input goes on, and the spool stays", async () => {
  const slack = await setting(() => ({ status: 404, body: "no_service" }));
  const tool = slack.start();
  tool.child.stdin.write(records(0, 3));
  const { code, err } = await tool.ended;
  assert.equal(code, 78);
  assert.match(
    err,
    /^slack-push: Slack refuses the webhook \(404 no_service\): make a new incoming webhook .*; 3 left in /,
  );
  assert.match(err, /\nslack-push: 3 read = 0 delivered \+ 3 left\n$/);
  assert.equal(slack.spool(), records(0, 3));

  slack.server.answer(() => "ok");
  const again = await slack.run();
  assert.equal(again.code, 0);
  assert.match(again.err, /3 records of earlier runs or other processes were delivered too/);
  assert.deepEqual(numbersIn(slack.server.taken()), range(0, 3));
});

for (const [status, body, code] of [
  [403, "invalid_token", 77],
  [403, "action_prohibited", 77],
  [404, "channel_not_found", 78],
  [410, "channel_is_archived", 78],
  [302, "", 78],
] as const) {
  test(`${status} ${body} stops the tool with ${code} and a remedy`, async () => {
    const slack = await setting(() => ({ status, body, headers: { location: "http://127.0.0.1:9/SECRET" } }));
    const outcome = await slack.run([], record(0));
    assert.equal(outcome.code, code);
    assert.match(outcome.err, /1 left in .*\n.*1 read = 0 delivered \+ 1 left\n$/);
    assert.equal(slack.server.requests.length, 1);
  });
}

test("what Slack refuses goes out once more as plain text, and refused again it is a dead letter; the rest is delivered", async () => {
  const slack = await setting((_, { text }) =>
    text?.includes("record 7 ") === true ? { status: 400, body: "invalid_payload" } : "ok",
  );
  const { code, err } = await slack.run([], records(0, 10));
  assert.equal(code, 0);
  assert.match(err, /10 read = 9 delivered \+ 1 refused\n$/);
  assert.deepEqual(
    numbersIn(slack.server.taken()),
    range(0, 10).filter((number) => number !== 7),
  );
  const dead = JSON.parse(readFileSync(join(slack.outbox(), "dead-letter.ndjson"), "utf8"));
  assert.deepEqual(dead.record, { text: "record 7 of many" });
  assert.equal(dead.reason, "400 invalid_payload");
});

test("blocks that Slack refuses are delivered as plain text", async () => {
  const slack = await setting((_, { blocks }) =>
    blocks === undefined ? "ok" : { status: 400, body: "invalid_blocks" },
  );
  const { code, err } = await slack.run([], records(0, 3));
  assert.equal(code, 0);
  assert.match(err, /took the plain text\nslack-push: 3 read = 3 delivered\n$/);
  assert.deepEqual(numbersIn(slack.server.taken()), range(0, 3));
});

test("at the end of the input it gives up after a time without progress: 69, the number left, the spool stays", async () => {
  const slack = await setting(() => ({ status: 500 }));
  const { code, err } = await slack.run(["--give-up", "300ms"], records(0, 5));
  assert.equal(code, 69);
  assert.match(err, /gave up after 0.3 s without progress \(it answers 500\); 5 left in /);
  assert.match(err, /5 read = 0 delivered \+ 5 left\n$/);
  assert.equal(slack.spool(), records(0, 5));
});

test("an answer that never comes is given up after --timeout and tried again", async () => {
  const slack = await setting((index) => (index === 0 ? "hang" : "ok"));
  const { code, err } = await slack.run(["--timeout", "200ms"], records(0, 2));
  assert.equal(code, 0);
  assert.match(err, /no answer in time.*\n.*takes posts again\n.*2 read = 2 delivered\n$/);
});

test("a reply that is not the word ok counts as delivered and is told once", async () => {
  const slack = await setting(() => ({ status: 200, body: "fine SECRET", taken: true }));
  const tool = slack.start();
  for (const number of [0, 1]) {
    tool.child.stdin.write(record(number));
    await until("it is posted", () => slack.server.taken().length > number);
  }
  tool.child.stdin.end();
  const { code, err } = await tool.ended;
  assert.equal(code, 0);
  assert.equal(err.match(/not the word ok/g)?.length, 1);
  assert.ok(!err.includes("SECRET"));
});

test("SIGTERM leaves what was read in the spool, says so, and ends with 143", async () => {
  const slack = await setting(() => ({ status: 500 }));
  const tool = slack.start();
  tool.child.stdin.write(records(0, 4));
  await until("it was tried", () => slack.server.requests.length > 0);
  tool.child.kill("SIGTERM");
  const { code, err } = await tool.ended;
  assert.equal(code, 143);
  assert.match(err, /4 left in .*the next run delivers them\nslack-push: 4 read = 0 delivered \+ 4 left\n$/);
  assert.equal(slack.spool(), records(0, 4));
});

test("Ctrl-C leaves a filter running until its input ends", async () => {
  const slack = await setting();
  const tool = slack.start();
  tool.child.stdin.write(record(0));
  await until("it is posted", () => slack.server.taken().length === 1);
  tool.child.kill("SIGINT");
  tool.child.stdin.end(record(1));
  const { code, err } = await tool.ended;
  assert.equal(code, 0);
  assert.match(err, /2 read = 2 delivered\n$/);
});

test("under --strict what came before the bad line is delivered, and the code is 65", async () => {
  const slack = await setting();
  const { code, err } = await slack.run(["--strict"], `${record(0)}garbage\n${record(1)}`);
  assert.equal(code, 65);
  assert.match(err, /2 read = 1 delivered \+ 1 bad\n$/);
  assert.deepEqual(numbersIn(slack.server.taken()), [0]);
});

test("a bad line is kept by --rejects and never reaches Slack", async () => {
  const slack = await setting();
  const rejects = join(slack.state, "rejects.ndjson");
  const { code, err } = await slack.run(["--rejects", rejects], `[1]\n${record(0)}`);
  assert.equal(code, 0);
  assert.match(err, /line 1: .*\n.*2 read = 1 delivered \+ 1 bad\n$/);
  assert.equal(JSON.parse(readFileSync(rejects, "utf8")).line, 1);
  assert.equal(slack.server.requests.length, 1);
});

test("a spool that is full drops what comes after it, and counts that", async () => {
  const slack = await setting(() => ({ status: 500 }));
  const { code, err } = await slack.run(["--spool-max", "100B", "--give-up", "100ms"], records(0, 10));
  assert.equal(code, 69);
  assert.match(err, /the spool is full \(--spool-max 100 bytes\): 7 records dropped so far/);
  assert.match(err, /10 read = 0 delivered \+ 7 dropped \+ 3 left\n$/);
});

test("a second process appends, and takes over when the first is killed", async () => {
  const slack = await setting(() => ({ status: 503 }));
  const first = slack.start();
  first.child.stdin.write(records(0, 3));
  await until("the first sends", () => slack.server.requests.length > 0);
  const second = slack.start();
  second.child.stdin.end(records(3, 6));
  await until("the second appended", () => slack.spool() === records(0, 6));
  slack.server.answer(() => "ok");
  first.child.kill("SIGKILL");
  const { code, err } = await second.ended;
  assert.equal(code, 0);
  assert.deepEqual([...new Set(numbersIn(slack.server.taken()))], range(0, 6));
  assert.match(err, /3 read = /);
});

test("a second process ends with 0 once the first has delivered its records", async () => {
  const slack = await setting();
  const first = slack.start();
  first.child.stdin.write(record(0));
  await until("the first sends", () => slack.server.taken().length === 1);
  const second = await slack.run([], records(1, 3));
  assert.equal(second.code, 0);
  assert.equal(second.err, "slack-push: 2 read = 0 delivered + 2 delivered by another process\n");
  first.child.stdin.end();
  assert.match((await first.ended).err, /2 records of earlier runs or other processes/);
  assert.deepEqual(numbersIn(slack.server.taken()), range(0, 3));
});

test("killed in the middle of 200 records and started again, each arrives, in order, at most the post in flight twice", async () => {
  let trouble = 0;
  const slack = await setting(() => {
    const step = trouble++ % 6;
    if (step === 0) return { status: 429, body: "rate_limited", headers: { "retry-after": "0" } };
    if (step === 1) return { status: 500 };
    if (step === 2) return "cut-before";
    if (step === 3) return "cut-after";
    return "ok";
  });
  const tool = slack.start();
  tool.child.stdin.write(records(0, 200));
  await until("some got through", () => slack.server.taken().length >= 2);
  tool.child.kill("SIGKILL");
  await tool.ended;
  const before = slack.server.taken().length;
  const { code } = await slack.run();
  assert.equal(code, 0);

  const taken = slack.server.taken();
  const numbers = numbersIn(taken);
  assert.deepEqual([...new Set(numbers)], range(0, 200), "each, in order of its first arrival");
  const twice = numbers.filter((number, index) => numbers.indexOf(number) !== index);
  const inFlight = numbersIn(taken.slice(before - 1, before));
  assert.ok(
    twice.every((number) => inFlight.includes(number)),
    `twice: ${twice}`,
  );
});

test("a dry run needs no webhook and touches no disk", async () => {
  const state = join(folder, "untouched");
  const tool = startTool("slack-push", ["--dry-run"], {
    input: record(0),
    env: { XDG_STATE_HOME: state, SLACK_WEBHOOK_URL: undefined },
  });
  const { code, out } = await tool.ended;
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).text, "record 0 of many");
  assert.ok(!existsSync(state));
});

test("a broken config never shows the address", async () => {
  const file = join(folder, "broken.json");
  writeFileSync(file, '{"url": "https://hooks.slack.com/services/T0SECRET/B0SECRET/abcSECRETxyz"');
  const outcome = await startTool("slack-push", ["--slack-config", file], { input: "" }).ended;
  assert.equal(outcome.code, 78);
  assert.ok(!outcome.err.includes("SECRET"));
  assert.match(outcome.err, /expected JSON; set SLACK_WEBHOOK_URL/);
});

test("a disk that is full ends the tool with 74 and says which records it could not keep", async () => {
  const slack = await setting();
  const { code, err } = await slack.runLimited(records(0, 300));
  assert.equal(code, 74);
  assert.match(err, /not kept: \{"text":"record 0 of many"\}/);
  assert.match(err, /300 read = 0 delivered \+ 300 not kept\n$/);
});
