import assert from "node:assert/strict";
import { test } from "node:test";
import { scratchFolder } from "../support/scratch.ts";
import type { Reply } from "../support/slack-server.ts";
import { numbersIn, range, record, records, slackSetting } from "../support/slack-setting.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const setting = slackSetting(folder);
/** Makes a record so long that a post holds only some twenty. */
const LONG = " and its words".repeat(20);

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
  assert.match((await first.ended).err, /besides, 2 of earlier runs or other processes/);
  assert.deepEqual(numbersIn(slack.server.taken()), range(0, 3));
});

test("killed twice in the middle of 200 alerts, each arrives, in order, at most a post in flight twice", async () => {
  const troubles: readonly Reply[] = [
    { status: 429, body: "rate_limited", headers: { "retry-after": "0" } },
    { status: 500 },
    "cut",
  ];
  const slack = await setting((index) => (index % 3 === 0 ? troubles[(index / 3) % 3]! : "ok"));
  slack.server.cutUnread(1);
  const mayRepeat = new Set<number>();
  for (const input of [records(0, 200, LONG), ""]) {
    const before = slack.server.taken().length;
    const tool = slack.start();
    tool.child.stdin.write(input);
    await until("some got through", () => slack.server.taken().length >= before + 3);
    tool.child.kill("SIGKILL");
    await tool.ended;
    for (const number of numbersIn(slack.server.taken().slice(-1))) mayRepeat.add(number);
  }
  const { code } = await slack.run();
  assert.equal(code, 0);

  const numbers = numbersIn(slack.server.taken());
  assert.deepEqual([...new Set(numbers)], range(0, 200), "each, in order of its first arrival");
  const twice = numbers.filter((number, index) => numbers.indexOf(number) !== index);
  assert.ok(
    twice.every((number) => mayRepeat.has(number)),
    `twice: ${twice}`,
  );
  assert.equal(new Set(twice).size, twice.length, "none three times");
});

test("a disk that is full ends the tool with 74 and says which records it could not keep", async () => {
  const slack = await setting();
  const { code, err } = await slack.runLimited(records(0, 300));
  assert.equal(code, 74);
  assert.match(err, /not kept: .*"record 0 of many"/);
  assert.match(err, /300 read = 0 delivered \+ 300 not kept\n$/);
});

test("a spool that is full drops what comes after it, and counts that", async () => {
  const slack = await setting(() => ({ status: 500 }));
  const { code, err } = await slack.run(["--spool-max", "300B", "--give-up", "100ms"], records(0, 10));
  assert.equal(code, 69);
  assert.match(err, /the spool is full \(300 bytes, see --spool-max\); 7 dropped so far/);
  assert.match(err, /10 read = 0 delivered \+ 7 dropped \+ 3 left\n$/);
});
