import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { assertEqualCounts, ingestSetting, signal } from "../support/ingest-script.ts";
import { startScript, wordsOf } from "../support/pipeline.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const setting = await ingestSetting();
const folder = scratchFolder();

test("a branch that is killed is told at once, by name and once, and the others go on; with the last one ingest ends", async () => {
  const script = await setting.start("killed");
  const told = (tool: string, rest: string) =>
    until(
      `${tool} is told`,
      () => script.words().includes(`${tool} was ended by SIGKILL${rest}`),
      // Both the watcher's look, a fifth of a second apart, and the machine's load.
      10,
    );
  await signal(script, "insert-distribution", "SIGKILL");
  await told("insert-distribution", "; the other branches go on");
  await signal(script, "slack-push", "SIGKILL");
  await told("slack-push", ", and with it unusualness | slack-push; the other branches go on");
  await setting.eventsPass("killed");
  await signal(script, "redis-insert", "SIGKILL");
  const { code, err } = await script.ended;
  assert.equal(code, 137);
  // ingest may have learnt from tee that nobody reads any more, and have ended, before the script looks.
  assert.match(
    script.words().at(-1)!,
    /^redis-insert was ended by SIGKILL, and with it diff \| redis-insert(, so ingest ends too)?$/,
  );
  assert.equal(script.words().length, 3, err);
  assert.doesNotMatch(err, /line \d+:/, "bash keeps quiet");
  assert.deepEqual(script.left(), []);
});

const message = (i: number, key: string) => `${JSON.stringify({ t: 1_700_000_000_000 + i * 100, key })}\n`;

test("the third branch tells Slack, and whoever reads alerts in Redis; with --dry-run, or without a webhook, it prints instead", async () => {
  const file = `${folder}/messages.ndjson`;
  const usual = Array.from({ length: 2000 }, (_, i) => message(i, i % 2 === 0 ? "CA" : "NY"));
  writeFileSync(file, `${usual.join("")}${message(2000, "AK")}`);
  const fields = ["--time", "t", "--key", "key", "--stream", "improbable"];
  const replay = ["--replay", file, "--speed", "max", ...fields];
  const run = async (extra: readonly string[], more: Record<string, string>) => {
    const before = setting.slack.taken().length;
    // Redis is emptied, for the runs are one after the other and each is to see its first AK.
    await setting.forgetAll();
    const env = { ...setting.env, ...more };
    // Not in the checkout, where somebody may have put a real webhook.
    const outcome = await startScript("ingest.sh", [...extra, ...replay], env, { cwd: folder }).ended;
    assert.equal(outcome.code, 0, outcome.err);
    assertEqualCounts(outcome.err);
    const [published, ...others] = await setting.published("improbable");
    assert.match(published?.text ?? "", /from AK/, "it is in Redis too, whatever becomes of the post");
    assert.equal(others.length, 0);
    return { ...outcome, posts: setting.slack.taken().slice(before) };
  };
  const told = await run([], {});
  assert.equal(told.out, "");
  assert.ok(told.posts.some(({ text }) => text?.includes("from AK")));
  const dry = await run(["--dry-run"], {});
  assert.match(dry.out, /from AK/);
  assert.deepEqual([dry.posts.length, wordsOf(dry.err, "ingest.sh").length], [0, 0]);
  const without = await run([], { SLACK_WEBHOOK_URL: "" });
  assert.match(without.out, /from AK/);
  assert.equal(without.posts.length, 0);
  assert.match(
    wordsOf(without.err, "ingest.sh").join("\n"),
    /^no webhook .*, so what would be posted is printed/,
  );
});
