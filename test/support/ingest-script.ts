import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after } from "node:test";
import type { AlertRecord } from "../../src/records/alert.ts";
import { countsOf, eventsRead, logRecords, pidOf, startScript, wordsOf } from "./pipeline.ts";
import { publishedAlerts } from "./published-alerts.ts";
import { redisServer } from "./redis-server.ts";
import { type RunningTool, runTool } from "./run-tool.ts";
import { scratchFolder } from "./scratch.ts";
import { simulated } from "./simulated.ts";
import { type SlackServer, slackServer } from "./slack-server.ts";
import { until } from "./until.ts";

const BRANCHES = ["diff", "insert-distribution", "unusualness"];

/** A run of scripts/ingest.sh. */
export interface IngestScript extends RunningTool {
  /** Files that the script has made and not removed. */
  readonly left: () => string[];
  /** What the script itself said so far. */
  readonly words: () => string[];
}

/** A Redis, a Slack and a stream of 40 events a second for scripts/ingest.sh, until the tests are done. */
export interface IngestSetting {
  readonly env: Readonly<Record<string, string>>;
  readonly slack: SlackServer;
  /** Starts the script, and waits until it is connected. */
  start(stream: string): Promise<IngestScript>;
  /** Waits until twenty more gaps of a stream are stored than now are. */
  eventsPass(stream: string): Promise<void>;
  forgetAll(): Promise<unknown>;
  /** The alerts of a stream that are in Redis. */
  published(stream: string): Promise<readonly AlertRecord[]>;
}

export async function ingestSetting(): Promise<IngestSetting> {
  const redis = await redisServer();
  const slack = await slackServer();
  const { url, tool } = await simulated("1h:cut");
  after(async () => {
    tool.child.kill("SIGTERM");
    await tool.ended;
  });
  const env = {
    REDIS_URL: redis.url,
    SLACK_WEBHOOK_URL: slack.url,
    XDG_STATE_HOME: scratchFolder(),
    // Gaps are stored this much later than events come.
    RSVPULSE_LATENESS: "500ms",
  };
  async function gapsStored(stream: string): Promise<number> {
    const { out } = await runTool("avg", ["--once", "--stream", stream], { env });
    return out === "" ? 0 : (JSON.parse(out) as { count: number }).count;
  }
  return {
    env,
    slack,
    async start(stream) {
      const temporary = scratchFolder();
      const options = ["--url", url, "--stream", stream];
      const script = startScript("ingest.sh", options, { ...env, TMPDIR: temporary });
      await until("it is connected", () =>
        logRecords(script.err()).some(({ message }) => String(message).startsWith("connected")),
      );
      return {
        ...script,
        left: () => readdirSync(temporary),
        words: () => wordsOf(script.err(), "ingest.sh"),
      };
    },
    async eventsPass(stream) {
      const before = await gapsStored(stream);
      await until("gaps are stored", async () => (await gapsStored(stream)) >= before + 20);
    },
    forgetAll: () => redis.command("FLUSHALL"),
    published: (stream) => publishedAlerts(redis.url, stream),
  };
}

/** Sends a signal to one of a script's tools. */
export async function signal(script: RunningTool, tool: string, name: NodeJS.Signals): Promise<void> {
  process.kill(await pidOf(script, tool), name);
}

/** Every branch read every event that ingest counted, and what diff made of them is stored. */
export function assertEqualCounts(err: string): void {
  const events = countsOf(err, "ingest")("events");
  assert.ok(events > 0, err);
  for (const tool of BRANCHES) assert.equal(eventsRead(err, tool), events, `${tool}: ${err}`);
  assert.equal(countsOf(err, "redis-insert")("stored"), countsOf(err, "diff")("gaps"), err);
}
