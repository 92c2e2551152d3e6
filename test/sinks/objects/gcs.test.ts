import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { logOf } from "../../../src/core/log.ts";
import { gcsStore } from "../../../src/sinks/objects/gcs.ts";
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
  assert.equal((await bucket.read("a")).toString(), "{}");
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
  for await (const { name, bytes } of bucket.list("l/")) listed.push(`${name} ${bytes}`);
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
  assert.ok(bytes.equals(await bucket.read("large")));
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
  assert.equal((await bucket.read("a")).toString(), '{"a":1}');
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
    assert.equal(server.requests.length, 1);
  });
}

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
