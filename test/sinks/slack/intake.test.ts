import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { logOf } from "../../../src/core/log.ts";
import { Tally } from "../../../src/core/tally.ts";
import { parseAllowance } from "../../../src/sinks/slack/allowance.ts";
import { courier } from "../../../src/sinks/slack/courier.ts";
import { spoolIntake } from "../../../src/sinks/slack/intake.ts";
import { ledger } from "../../../src/sinks/slack/ledger.ts";
import { webhookPoster } from "../../../src/sinks/slack/post.ts";
import { openSpool } from "../../../src/sinks/slack/spool.ts";
import { unposted } from "../../../src/sinks/slack/unposted.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scratchFolder } from "../../support/scratch.ts";
import { slackServer } from "../../support/slack-server.ts";

const folder = scratchFolder();

/** Input, a real outbox and a real socket, on a clock that passes only while the courier sleeps. */
async function setting(atMost: string) {
  const clock = fakeClock();
  const posts: [seconds: number, text: string][] = [];
  const server = await slackServer((_, { text = "" }) => {
    posts.push([Math.floor(clock.elapsed() / 1000), text.split("\n")[0]!]);
    return "ok";
  });
  const tally = new Tally("delivered");
  const own = ledger(tally);
  const spool = openSpool(mkdtempSync(join(folder, "outbox-")), { bytesMax: 1e6, clock });
  const log = logOf(() => {});
  const { run, wake, finish } = courier({
    spool,
    poster: await webhookPoster(new URL(server.url), 10_000),
    ledger: own,
    log,
    clock,
    random: () => 1,
    interval: 1000,
    giveUp: 60_000,
    stop: new AbortController().signal,
  });
  const options = { minSeverity: undefined, span: 60_000, allowance: parseAllowance(atMost) };
  const counts = unposted(spool.folder, { clock, log });
  const intake = spoolIntake({ ...options, clock, tally, spool, unposted: counts, ledger: own, log, wake });
  const say = (message: string) => {
    const line = Buffer.from(JSON.stringify({ severity: "ERROR", message }));
    tally.read++;
    intake.line(line, 0, line.length, tally.read);
    void intake.settle();
  };
  return {
    posts,
    tally,
    async runUntil(ms: number, said: readonly (readonly [ms: number, message: string])[]) {
      for (const [at, message] of said) clock.at(at, () => say(message));
      for (let at = 0; at < ms; at += 500) clock.at(at, () => void intake.settle());
      clock.at(ms, () => void intake.drain().then(finish));
      await run();
    },
  };
}

test("a message that repeats every second is posted at once, and then once a minute with its count", async () => {
  const { posts, tally, runUntil } = await setting("20/10m");
  await runUntil(
    150_000,
    Array.from({ length: 150 }, (_, i) => [i * 1000, `try ${i} failed`] as const),
  );
  assert.deepEqual(posts, [
    [0, "🔴 *ERROR* try 0 failed"],
    [60, "🔴 *ERROR* try 59 failed (59 more times in 60 s)"],
    [120, "🔴 *ERROR* try 119 failed (60 more times in 60 s)"],
    [150, "🔴 *ERROR* try 149 failed (30 more times in 30 s)"],
  ]);
  assert.equal(tally.toString(), "150 read = 1 delivered + 149 folded");
});

test("beyond --at-most nothing goes out until the span is over, and then what was held back is told", async () => {
  const { posts, tally, runUntil } = await setting("2/5m");
  await runUntil(
    310_000,
    [..."abcdef"].map((letter, i) => [i * 5000, letter] as const),
  );
  assert.deepEqual(posts, [
    [0, "🔴 *ERROR* a"],
    [5, "🔴 *ERROR* b"],
    [300, "🔴 *ERROR slack-push* 4 log records were held back, for at most 2 posts in 5 min go out:"],
  ]);
  assert.equal(tally.toString(), "6 read = 2 delivered + 4 held back");
});
