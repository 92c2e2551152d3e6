import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { logOf } from "../../../src/core/log.ts";
import { gcsStore } from "../../../src/sinks/objects/gcs.ts";
import type { ObjectStore } from "../../../src/sinks/objects/object-store.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { gcsServer } from "../../support/gcs-server.ts";
import { recording } from "../../support/recording.ts";
import { runShell, runTool } from "../../support/run-tool.ts";
import { scratchFolder } from "../../support/scratch.ts";

const server = await gcsServer();
Object.assign(process.env, server.env);
const never = new AbortController().signal;
const told: string[] = [];
const log = logOf((severity, message) => void told.push(`${severity} ${message}`));
const store = (bucket = "bucket", clock = fakeClock()) =>
  gcsStore({ bucket, prefix: "p/", clock, random: () => 1, log });
const object = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });
const isAway = (error: unknown) => error instanceof ToolError && error.kind === "unavailable";
const reset = () => {
  server.objects.clear();
  server.requests.length = 0;
  told.length = 0;
  server.mishaps(() => undefined);
};

test("a new object is created, the same again is identical, another is different, and nothing is changed", async () => {
  reset();
  const bucket = await store();
  assert.deepEqual(await bucket.putAll([object("a", "{}"), object("b", "[]")], never), [
    "created",
    "created",
  ]);
  assert.deepEqual(await bucket.putAll([object("a", "{}"), object("b", "{}")], never), [
    "identical",
    "different",
  ]);
  assert.equal(server.objects.get("p/b")!.toString(), "[]");
  assert.equal((await bucket.read("a", never)).toString(), "{}");
});

test("a listing goes through all pages", async () => {
  reset();
  const bucket = await store();
  const names = Array.from({ length: 10 }, (_, i) => `l/${i}`);
  await bucket.putAll(
    names.map((name) => object(name, "{}")),
    never,
  );
  const listed: string[] = [];
  for await (const { name, bytes } of bucket.list("l/", never)) listed.push(`${name} ${bytes}`);
  assert.deepEqual(
    listed.sort(),
    names.map((name) => `${name} 2`),
  );
  assert.equal(server.requests.filter((kind) => kind === "GET list").length, 4);
});

test("a large object goes in pieces", async () => {
  reset();
  const bucket = await store();
  const bytes = Buffer.alloc(9 << 20, "x");
  assert.deepEqual(await bucket.putAll([{ name: "large", bytes }], never), ["created"]);
  assert.ok(server.requests.includes("POST resumable"));
  assert.ok(bytes.equals(await bucket.read("large", never)));
  assert.deepEqual(await bucket.putAll([{ name: "large", bytes }], never), ["identical"]);
});

test("429, 503, cut connections and damage are tried again, and an object is made once", async () => {
  reset();
  const mishaps = [
    { status: 429 },
    { status: 503 },
    "cut-before",
    "cut-after",
    "damage",
    "cut-after",
  ] as const;
  server.mishaps((index) => mishaps[index]);
  const bucket = await store();
  const [put] = await bucket.putAll([object("a", '{"a":1}')], never);
  // The first that got through was cut off before its answer: it is there, and it is ours.
  assert.equal(put, "identical");
  assert.equal(server.objects.get("p/a")!.toString(), '{"a":1}');
  assert.equal((await bucket.read("a", never)).toString(), '{"a":1}');
});

test("damage on the way there is found by the server, and the whole object is sent again", async () => {
  reset();
  server.mishaps((index) => (index < 2 ? "damage" : undefined));
  const bucket = await store();
  await assert.rejects(bucket.putAll([object("a", '{"a":1}')], never), /400/);
  assert.equal(server.objects.size, 0);
});

test("waits double to a limit, and end when they are given up, with 69", async () => {
  reset();
  server.mishaps(() => ({ status: 503 }));
  const clock = fakeClock();
  const waits: number[] = [];
  const giveUp = new AbortController();
  const counted = {
    ...clock,
    async sleep(ms: number) {
      if (waits.push(ms) === 8) giveUp.abort();
    },
  };
  const bucket = await gcsStore({ bucket: "bucket", prefix: "", clock: counted, random: () => 1, log });
  await assert.rejects(bucket.putAll([object("a", "{}")], giveUp.signal), (error: ToolError) => {
    assert.equal(error.kind, "unavailable");
    assert.match(error.message, /gs:\/\/bucket: stays away: 503/);
    return true;
  });
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 32_000, 32_000]);
  assert.equal(told.length, 1);
});

test("a bucket that was never reached is given up four seconds after the first failure, however late that came", async () => {
  reset();
  const clock = fakeClock();
  const bucket = await store("bucket", clock);
  await clock.sleep(3_600_000);
  server.mishaps((index) => (index === 0 ? "cut-before" : undefined));
  assert.deepEqual(await bucket.putAll([object("a", "{}")], never), ["created"]);

  const other = await store("bucket", clock);
  server.mishaps(() => "cut-before");
  const begun = clock.elapsed();
  await assert.rejects(other.putAll([object("b", "{}")], never), /cannot be reached/);
  assert.ok(clock.elapsed() - begun > 4000 && clock.elapsed() - begun < 20_000);
});

test("who reads waits a minute for a bucket that fails, and no longer than it is asked to", async () => {
  for (const read of [
    async (from: ObjectStore, giveUp: AbortSignal) => void (await from.read("a", giveUp)),
    async (from: ObjectStore, giveUp: AbortSignal) => {
      for await (const _ of from.list("", giveUp));
    },
  ]) {
    reset();
    server.mishaps(() => ({ status: 503 }));
    const clock = fakeClock();
    await assert.rejects(read(await store("bucket", clock), never), isAway);
    assert.ok(clock.elapsed() > 60_000 && clock.elapsed() < 120_000);
    await assert.rejects(read(await store(), AbortSignal.abort()), isAway);
  }
});

test("an upload that nothing is heard of is made again, and is aborted when it is given up", async () => {
  reset();
  const bytes = Buffer.alloc(9 << 20, "x");
  const clock = fakeClock();
  const bucket = await gcsStore({ bucket: "bucket", prefix: "", clock, random: () => 1, log, silence: 1000 });
  let swallowed = 0;
  server.mishaps((_, request) => (request.startsWith("PUT") && swallowed++ === 0 ? "no-answer" : undefined));
  assert.deepEqual(await bucket.putAll([{ name: "large", bytes }], never), ["created"]);
  assert.match(told[0]!, /no answer within 1 s; trying again/);

  const giveUp = new AbortController();
  server.mishaps((_, request) => {
    if (!request.startsWith("PUT")) return undefined;
    giveUp.abort();
    return "no-answer";
  });
  await assert.rejects(bucket.putAll([{ name: "other", bytes }], giveUp.signal), isAway);
});

for (const [status, kind, words] of [
  [401, "permission", /roles\/storage/],
  [403, "permission", /roles\/storage/],
  [404, "configuration", /gcloud storage buckets create/],
] as const) {
  test(`${status} ends at once, and says what to do`, async () => {
    reset();
    server.mishaps(() => ({ status }));
    const bucket = await store("bucket", fakeClock());
    await assert.rejects(bucket.putAll([object("a", "{}")], never), (error) => {
      assert.ok(error instanceof ToolError);
      assert.equal(error.kind, kind);
      assert.match(error.message, words);
      return true;
    });
    assert.deepEqual(server.requests, ["POST multipart", ...(status === 403 ? ["GET object"] : [])]);
  });
}

test("an account that may create and not overwrite is told by 403 that a name is taken: what has it is compared", async () => {
  reset();
  const bucket = await store();
  await bucket.putAll([object("a", "{}")], never);
  server.mishaps((_, request) => (request === "POST multipart" ? { status: 403 } : undefined));
  assert.deepEqual(await bucket.putAll([object("a", "{}"), object("a", "[]")], never), [
    "identical",
    "different",
  ]);
  await assert.rejects(bucket.putAll([object("b", "{}")], never), /refused with 403/);
});

test("a Retry-After is heeded", async () => {
  reset();
  server.mishaps((index) => (index === 0 ? { status: 429, headers: { "retry-after": "90" } } : undefined));
  const waits: number[] = [];
  const counted = { ...fakeClock(), sleep: async (ms: number) => void waits.push(ms) };
  const bucket = await gcsStore({ bucket: "bucket", prefix: "", clock: counted, random: () => 1, log });
  assert.deepEqual(await bucket.putAll([object("a", "{}")], never), ["created"]);
  assert.deepEqual(waits, [90_000]);
});

const rsvps = recording("meetup-rsvps-2017-03-19.ndjson");
test(
  "a recording goes into a bucket that fails one call in five, and comes back whole",
  rsvps.options,
  async () => {
    reset();
    server.mishaps((index) =>
      index % 5 === 4 ? ([{ status: 503 }, "cut-after"] as const)[index % 2] : undefined,
    );
    const input = rsvps.lines().slice(0, 20).join("\n");
    const env = { ...server.env, XDG_STATE_HOME: scratchFolder() };
    const args = ["--to", "gs://bucket/x", "--label", "meetup-rsvps", "--time", "mtime", "--id", "rsvp_id"];
    const kept = await runTool("archive", args, { input, env });
    assert.equal(kept.code, 0, kept.err);
    const verified = await runTool("archive", ["--to", "gs://bucket/x", "--verify"], { env });
    assert.equal(verified.code, 0, verified.err);
    const batches = await runTool(
      "archive",
      ["--to", "gs://bucket/y", "--batch", "20KB/1h", ...args.slice(2)],
      { input, env },
    );
    assert.equal(batches.code, 0, batches.err);
    for (const place of ["x/meetup-rsvps", "y"]) {
      const back = await runShell(`bin/ingest --replay gs://bucket/${place} --speed max --raw | sort -u`, {
        env,
      });
      assert.equal(back.code, 0, back.err);
      assert.deepEqual(back.out.trimEnd().split("\n").sort(), [...new Set(input.split("\n"))].sort());
    }
  },
);
