import assert from "node:assert/strict";
import { after, test } from "node:test";
import { KilledScript, VICTIMS } from "../support/killed-script.ts";
import type { Speech } from "../support/numbered-channels.ts";
import { numberedSource } from "../support/numbered-source.ts";
import { redisServer } from "../support/redis-server.ts";

/** Kills of each protocol: each process once, in the tests; RSVPULSE_KILLS=20 for more. */
const KILLS = Number(process.env["RSVPULSE_KILLS"] ?? VICTIMS.length);
/** RSVPULSE_SEED makes a failure again. */
const SEED = process.env["RSVPULSE_SEED"] ?? "1";
const RATE = 60;

const redis = await redisServer();

test("whatever process of ingest.sh is killed, and when, each message and each gap counts once", {
  concurrency: true,
}, async (t) => {
  await Promise.all(
    (["ndjson", "sse", "ws"] as const).map((speech) => t.test(speech, () => exactlyOnce(speech))),
  );
});

async function exactlyOnce(speech: Speech): Promise<void> {
  const source = await numberedSource({ rate: RATE, seed: SEED });
  const run = new KilledScript({ source, speech, redis: redis.url, seed: SEED });
  after(() => run.stored.close());
  await run.begin();
  for (let i = 0; i < KILLS; i++) await run.killNext();
  await run.connected();
  source.stopMaking();
  const difference = await run.settled(() => source.stream.demanded());
  assert.ok(difference === "", `${difference}\n${run.story()}`);
}
