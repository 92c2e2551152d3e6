import assert from "node:assert/strict";
import { test } from "node:test";
import { deployFunction } from "../support/functions.ts";
import { gcsServer } from "../support/gcs-server.ts";
import { recording } from "../support/recording.ts";
import { runTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const server = await gcsServer();
const { url, process } = await deployFunction("save_stream_data", server.env);

interface Answered {
  readonly result?: string;
  readonly detail?: string;
}
async function save(body: string, { query = "?bucket=bucket&label=rsvps", type = "application/json" } = {}) {
  const headers = { "content-type": type };
  const response = await fetch(`${url}${query}`, { method: "POST", headers, body });
  const text = await response.text();
  assert.ok(!/ {4}at |node_modules/.test(text), text);
  const { result, detail } = JSON.parse(text) as Answered;
  return { status: response.status, retryAfter: response.headers.get("retry-after"), result, detail };
}
const reset = () => {
  server.objects.clear();
  server.requests.length = 0;
  server.mishaps(() => undefined);
};
const MESSAGE = '{"rsvp_id":1,"mtime":1489926600123}';

test("a message is kept byte for byte, create-only; the same again is there, another has a name of its own", async () => {
  reset();
  assert.deepEqual(await save(MESSAGE), {
    status: 201,
    retryAfter: null,
    result: "created",
    detail: undefined,
  });
  const again = await save(MESSAGE);
  assert.deepEqual([again.status, again.result], [200, "exists"]);
  const other = '{ "rsvp_id": 1, "mtime": 1489926600999 }\n';
  // A body that does not say that it is JSON reaches the function another way.
  assert.equal((await save(other, { type: "" })).status, 201);
  assert.equal((await save(other)).status, 200);
  const names = [...server.objects.keys()];
  assert.equal(names[0], "rsvps/1_1489926600.json");
  assert.match(names[1] ?? "", /^rsvps\/1_1489926600-[0-9a-f]{8}\.json$/);
  assert.deepEqual(
    [...server.objects.values()].map((bytes) => bytes.toString()),
    [MESSAGE, other],
  );
});

test("the same message from many at a time is made once", async () => {
  reset();
  const answers = await Promise.all(Array.from({ length: 10 }, () => save(MESSAGE)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(9).fill(200), 201]);
  assert.equal(server.objects.size, 1);
});

test("a message of many mebibytes goes in pieces, and is verified", async () => {
  reset();
  const large = `{"rsvp_id":2,"mtime":1489926600123,"text":"${"x".repeat(9 << 20)}"}`;
  assert.equal((await save(large)).status, 201);
  assert.ok(server.requests.includes("POST resumable"));
  assert.equal((await save(large)).status, 200);
});

for (const [upstream, headers, status, retryAfter, detail] of [
  [401, {}, 403, null, /refused with 401 .*; the account needs roles\/storage/],
  [403, {}, 403, null, /refused with 403 .*; the account needs roles\/storage/],
  [404, {}, 400, null, /^there is no bucket bucket$/],
  [408, {}, 503, "30", /stays away: 408/],
  [429, { "retry-after": "7" }, 429, "7", /stays away: 429/],
  [429, {}, 429, "30", /stays away: 429/],
  [503, { "retry-after": "12" }, 503, "12", /stays away: 503/],
  [500, {}, 503, "30", /stays away: 500/],
  [400, {}, 500, null, /^the function failed; its log says why$/],
] as const) {
  test(`the bucket's ${upstream} ${JSON.stringify(headers)} is a ${status}, after one try`, async () => {
    reset();
    server.mishaps(() => ({ status: upstream, headers }));
    const answer = await save(MESSAGE);
    assert.deepEqual([answer.status, answer.retryAfter], [status, retryAfter]);
    assert.match(answer.detail ?? "", detail);
    assert.equal(server.requests.filter((kind) => kind === "POST multipart").length, 1);
    reset();
    assert.equal((await save(MESSAGE)).status, 201);
  });
}

test("a connection that breaks is a 503: what had got through is there when the message comes again", async () => {
  for (const [mishap, then] of [
    ["cut-before", 201],
    ["cut-after", 200],
  ] as const) {
    reset();
    server.mishaps((index) => (index === 0 ? mishap : undefined));
    const answer = await save(MESSAGE);
    assert.deepEqual([answer.status, answer.retryAfter], [503, "30"]);
    assert.equal((await save(MESSAGE)).status, then);
  }
});

test("damage on the way is found: nothing is kept, and the message can come again", async () => {
  reset();
  server.mishaps((index) => (index === 0 ? "damage" : undefined));
  assert.equal((await save(MESSAGE)).status, 500);
  assert.equal(server.objects.size, 0);
  assert.equal((await save(MESSAGE)).status, 201);
});

test("what is no message is a 400, and the bucket is not asked", async () => {
  reset();
  for (const [query, body] of [
    ["?label=rsvps", MESSAGE],
    ["?bucket=bucket", MESSAGE],
    ["?bucket=bucket&label=rsvps", ""],
    ["?bucket=bucket&label=rsvps", "{broken"],
    ["?bucket=bucket&label=rsvps", "5"],
    ["?bucket=bucket&label=rsvps", '{"rsvp_id":1}'],
  ] as const) {
    const answer = await save(body, { query, type: "" });
    assert.equal(answer.status, 400, `${query} ${body}`);
  }
  assert.equal(server.requests.length, 0);
});

test("each failure is one record in the log, without a stack", async () => {
  reset();
  const before = process.err().length;
  server.mishaps(() => ({ status: 403 }));
  await save(MESSAGE);
  const line = await until("it is told", () => process.err().slice(before).trim());
  const { severity, tool, kind, status } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual([severity, tool, kind, status], ["ERROR", "save_stream_data", "permission", 403]);
  assert.ok(!/ {4}at |"stack"/.test(process.err() + process.out()), process.err());
});

const rsvps = recording("meetup-rsvps-2017-03-19.ndjson");
test(
  "what the function keeps and what the tool archive keeps have one name: neither makes it again",
  rsvps.options,
  async () => {
    reset();
    const lines = rsvps.lines().slice(0, 60);
    for (const line of lines.slice(0, 30)) assert.equal((await save(line)).status, 201);
    const env = { ...server.env, XDG_STATE_HOME: scratchFolder() };
    const args = ["--to", "gs://bucket", "--label", "rsvps", "--time", "mtime", "--id", "rsvp_id"];
    const { code, err } = await runTool("archive", args, { env, input: lines.join("\n") });
    assert.equal(code, 0, err);
    assert.match(err, /30 archived \+ 30 already there/);
    for (const line of lines.slice(30)) assert.equal((await save(line)).status, 200);
    assert.equal(server.objects.size, 60);
    const verified = await runTool("archive", [...args, "--verify"], { env });
    assert.equal(verified.code, 0, verified.err);
  },
);

test("a bucket that nobody serves is a 503 at once", async () => {
  const env = { ...server.env, STORAGE_EMULATOR_HOST: "http://127.0.0.1:1" };
  const away = await deployFunction("save_stream_data", env);
  const response = await fetch(`${away.url}?bucket=bucket&label=rsvps`, { method: "POST", body: MESSAGE });
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "30");
});
