import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { logRecords, startScript } from "../support/pipeline.ts";
import { publishedAlerts } from "../support/published-alerts.ts";
import { redisServer } from "../support/redis-server.ts";
import { runShell, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { simulated } from "../support/simulated.ts";
import { slackServer } from "../support/slack-server.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const redis = await redisServer();
const slack = await slackServer();
const env = {
  REDIS_URL: redis.url,
  SLACK_WEBHOOK_URL: slack.url,
  XDG_STATE_HOME: folder,
  RSVPULSE_TTL: "1h",
};

test("the two terminals: a surge reaches Slack, its end too, and SIGTERM ends both scripts", async () => {
  const { url, tool } = await simulated("8s:surge=5:20s");
  const notify = startScript(
    "notify.sh",
    ["--stream", "two", "--below", "avg=17ms", "--clear", "avg=22ms", "--for", "1s"],
    env,
  );
  const ingest = startScript("ingest.sh", ["--url", url, "--stream", "two"], { ...env, RSVPULSE_TTL: "5s" });
  const texts = () => slack.taken().map(({ text }) => text ?? "");
  await until(
    "Slack is told of the surge",
    () => texts().some((text) => text.includes("two: events come faster")),
    60,
  );
  await until("Slack is told of its end", () => texts().some((text) => text.includes("two: over after")), 60);
  for (const script of [ingest, notify]) script.child.kill("SIGTERM");
  assert.deepEqual(
    (await Promise.all([ingest.ended, notify.ended])).map(({ code }) => code),
    [143, 143],
    notify.err() + ingest.err(),
  );
  tool.child.kill("SIGINT");
  await tool.ended;
  assert.equal(new Set(texts()).size, texts().length, "nothing is told twice");
  const published = (await publishedAlerts(redis.url, "two")).map(({ text }) => text);
  assert.ok(published.some((text) => text.startsWith("two: events come faster")));
  assert.ok(published.some((text) => text.startsWith("two: over after")));
});

test("a notifier started by cron tells a change once, over many runs, and runs never overlap", async () => {
  const gaps = (from: number, count: number, spacing: number) =>
    Array.from({ length: count }, (_, i) => from + i * spacing)
      .map((t) => `{"t":${t},"at":${t},"stream":"cron","diff":${spacing / 1000}}`)
      .join("\n");
  const insert = (input: string) => runShell("bin/redis-insert --ttl 10s", { env, input });
  const once = () =>
    startScript("notify.sh", ["--once", "--stream", "cron", "--below", "avg=500ms"], env).ended;
  const told = () => slack.taken().filter(({ text }) => text?.includes("cron:")).length;

  await insert(gaps(1_700_000_000_000, 60, 1000));
  assert.equal((await once()).code, 0);
  assert.equal(told(), 0);
  await insert(gaps(1_700_000_060_000, 100, 200));
  const runs = await Promise.all([once(), once(), once()]);
  assert.deepEqual(
    runs.map(({ code }) => code),
    [0, 0, 0],
    runs.map(({ err }) => err).join(""),
  );
  assert.equal(told(), 1);
  assert.equal((await once()).code, 0);
  assert.equal(told(), 1, "the same alert is not told again");
  await insert(gaps(1_700_000_081_000, 30, 1000));
  assert.equal((await once()).code, 0);
  assert.equal(told(), 2, "its end is told");
  assert.deepEqual(
    (await publishedAlerts(redis.url, "cron")).map(({ state }) => state),
    ["firing", "resolved"],
    "both are in Redis too",
  );
});

test("a webhook that is gone ends the notifier within 6 s with 78 and the remedy, and keeps what it had", async () => {
  slack.answer(() => ({ status: 404, body: "no_service" }));
  const begun = performance.now();
  const push = startTool("slack-push", [], { env: { ...env, XDG_STATE_HOME: `${folder}/gone` } });
  push.child.stdin.write('{"text":"to be kept"}\n');
  const { code, err } = await push.ended;
  slack.answer(() => "ok");
  assert.equal(code, 78, err);
  assert.ok(performance.now() - begun < 6000);
  assert.doesNotMatch(err, /SECRET/);
  const again = await runShell("bin/slack-push", { env: { ...env, XDG_STATE_HOME: `${folder}/gone` } });
  assert.equal(again.code, 0, again.err);
  assert.equal(slack.taken().at(-1)?.text, "to be kept");
});

test("notify.sh leaves nothing in the temporary folder", async () => {
  const scratch = scratchFolder();
  const script = startScript("notify.sh", ["--stream", "two", "--dry-run"], { ...env, TMPDIR: scratch });
  await until("it polls", () => readdirSync(scratch).length > 0);
  script.child.kill("SIGTERM");
  const { code, err } = await script.ended;
  assert.equal(code, 143, err);
  assert.ok(logRecords(err).length > 0);
  assert.deepEqual(readdirSync(scratch), []);
});
