import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { lines } from "../detect/rates.ts";
import { alerts, at, recording, rule } from "../detect/recording.ts";
import { redisServer } from "../support/redis-server.ts";
import { runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();

test("runs over the parts of a recording, with --state, tell what one run over the whole tells", async () => {
  const whole = (await runTool("check-detect", rule, { input: lines(recording) })).out;
  const state = `${folder}/parts.json`;
  let parts = "";
  for (const [from, to] of [
    [0, 0],
    [0, 310],
    [310, 311],
    [311, 935],
    [935, 1110],
    [1110, 1300],
  ] as const) {
    const run = await runTool("check-detect", [...rule, "--state", state], {
      input: lines(recording.slice(from, to)),
    });
    assert.equal(run.code, 0, run.err);
    parts += run.out;
  }
  assert.equal(parts, whole);
});

test("the same in Redis", async () => {
  const server = await redisServer();
  const args = [...rule, "--state", "redis", "--stream", "rsvps"];
  const env = { REDIS_URL: server.url };
  const whole = (await runTool("check-detect", rule, { input: lines(recording) })).out;
  const first = await runTool("check-detect", args, { input: lines(recording.slice(0, 320)), env });
  const second = await runTool("check-detect", args, { input: lines(recording.slice(320)), env });
  assert.equal(first.out + second.out, whole);
  await server.stop();
  const away = await runTool("check-detect", args, { env });
  assert.equal(away.code, 69);
  assert.match(away.err, /cannot reach Redis at unix:.*start one/);
});

test("streams in one pipe go on apart, from one state in a file or in Redis, whichever of them a run has", async () => {
  const server = await redisServer();
  const both = recording.flatMap((record, i) =>
    i < 200 ? [record] : [record, { ...record, stream: "other" }],
  );
  const whole = (await runTool("check-detect", rule, { input: lines(both) })).out;
  for (const state of [`${folder}/both.json`, "redis"]) {
    let parts = "";
    for (const [from, to] of [
      [0, 150],
      [150, 555],
      [555, 1700],
      [1700, 2400],
    ] as const) {
      const run = await runTool("check-detect", [...rule, "--state", state], {
        input: lines(both.slice(from, to)),
        env: { REDIS_URL: server.url },
      });
      assert.equal(run.code, 0, run.err);
      parts += run.out;
    }
    assert.equal(parts, whole);
  }
  for (const stream of ["rsvps", "other"])
    assert.ok(alerts(whole).filter((a) => a.stream === stream).length > 5);
  await server.stop();
});

test("an alert is written at once, and the state after it", async () => {
  const state = `${folder}/live.json`;
  const tool = startTool("check-detect", ["--below", "avg=1s", "--state", state]);
  tool.child.stdin.write(at(0, 5) + at(1, 0.5));
  await until("the alert is there", () => tool.out().includes('"firing"'));
  tool.child.stdin.write(at(2, 0.5));
  await until("the state is saved while the input lasts", () => {
    if (existsSync(state)) return true;
    tool.child.stdin.write(at(3, 0.5));
    return false;
  });
  const second = await runTool("check-detect", ["--below", "avg=1s", "--state", state]);
  assert.equal(second.code, 69);
  assert.match(second.err, /works on this state.*/);
  assert.ok(second.err.includes(`pid ${tool.child.pid}`));
  tool.child.kill("SIGTERM");
  assert.equal((await tool.ended).code, 143);
  const next = await runTool("check-detect", ["--below", "avg=1s", "--state", state], { input: at(10, 5) });
  assert.deepEqual(
    alerts(next.out).map(({ state: chapter, duration }) => [chapter, duration]),
    [["resolved", 9]],
  );
});

test("a killed run's lock is taken at once", async () => {
  const state = `${folder}/killed.json`;
  const tool = startTool("check-detect", ["--below", "avg=1s", "--state", state]);
  tool.child.stdin.write(at(0, 0.5));
  await until("it runs", () => tool.out() !== "");
  tool.child.kill("SIGKILL");
  await tool.ended;
  assert.equal((await runTool("check-detect", ["--below", "avg=1s", "--state", state])).code, 0);
});

test("an alert that the reader did not take is told by the next run", async () => {
  const state = `${folder}/gone.json`;
  const tool = startTool("check-detect", ["--below", "avg=1s", "--state", state]);
  tool.child.stdout.destroy();
  await once(tool.child.stdout, "close");
  tool.child.stdin.end(at(0, 0.5) + at(1, 0.5));
  assert.equal((await tool.ended).code, 0);
  const next = await runTool("check-detect", ["--below", "avg=1s", "--state", state], { input: at(0, 0.5) });
  assert.deepEqual(
    alerts(next.out).map(({ state: chapter }) => chapter),
    ["firing"],
  );
});

test("a state that is damaged, or no state, is told with how to mend it, and left as it is", async () => {
  for (const text of [
    "{",
    "[]",
    '{"kind":"check-detect","version":1}',
    '{"kind":"check-detect","version":9,"streams":{}}',
  ]) {
    const state = `${folder}/damaged.json`;
    writeFileSync(state, text);
    const { code, err } = await runTool("check-detect", ["--state", state], { input: at(0, 1) });
    assert.equal(code, 65, err);
    assert.match(err, /damaged\.json: expected .*; move it away to start anew/);
    assert.equal(readFileSync(state, "utf8"), text);
  }
});

test("state of a rule that is gone is let go with a warning, the rest goes on", async () => {
  const state = `${folder}/changed.json`;
  await runTool("check-detect", ["--below", "avg=1s", "--state", state], { input: at(0, 0.5) });
  const { code, out, err } = await runTool("check-detect", ["--below", "avg=2s", "--state", state], {
    input: at(1, 5),
  });
  assert.equal(code, 0);
  assert.match(err, /no longer watched, so its state is let go: threshold/);
  assert.match(out, /it is no longer watched for/);
});
