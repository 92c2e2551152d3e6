import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { after, test } from "node:test";
import { httpServer } from "../support/http-server.ts";
import { countsOf, logRecords } from "../support/pipeline.ts";
import { wikimedia } from "../support/recording.ts";
import { type RunningTool, runShell, runTool, startTool } from "../support/run-tool.ts";
import { simulated } from "../support/simulated.ts";
import { until } from "../support/until.ts";

const JSON_LOG = { env: { RSVPULSE_LOG: "json" } };
const ingest = (url: string, ...more: string[]) =>
  runTool("ingest", ["--source", "wikimedia-recentchange", "--url", url, ...more]);

/** A test that fails leaves nothing behind. */
function gone(tool: RunningTool): RunningTool {
  after(() => tool.child.kill("SIGKILL"));
  return tool;
}

/** Answers once with events, from then on that there are no more. */
function once(events: string): RequestListener {
  let asked = 0;
  return (_, response) => {
    if (asked++ > 0) return void response.writeHead(204).end();
    response.writeHead(200, { "content-type": "text/event-stream" }).end(events);
  };
}

test(
  "a source that says that there is no more ends it in order; tools behind it read its events, cursors and all",
  wikimedia.options,
  async () => {
    const lines = wikimedia.lines();
    const events = lines.map((line, i) => `id: [{"offset":${i}}]\ndata: ${line}\n\n`).join("");
    const { url } = await httpServer(once(events));
    const { code, out, err } = await runShell(
      `bin/ingest --source wikimedia-recentchange --url ${url} | tee >(bin/diff >/dev/null) >(bin/unusualness >/dev/null) | bin/stats --stdin --over all | tail -n 1`,
      JSON_LOG,
    );
    assert.equal(code, 0, err);
    assert.deepEqual([countsOf(err, "ingest")("events"), countsOf(err, "ingest")("bad")], [lines.length, 0]);
    for (const tool of ["diff", "unusualness", "stats"]) {
      const { read, ticks, bad } = logRecords(err).findLast(
        (record) => record["tool"] === tool && "read" in record,
      )!;
      assert.deepEqual([Number(read) - Number(ticks), bad ?? 0], [lines.length, 0], tool);
    }
    const { n, categories } = JSON.parse(out);
    assert.deepEqual([n, categories], [lines.length, 1]);
    assert.ok(logRecords(err).some(({ message }) => /no more to give \(204\)/.test(String(message))));
  },
);

test("answers that are no stream end it with what to do: 204 and another type with 69, 403 with 77", async () => {
  const { url } = await httpServer((request, response) => {
    const status = Number(request.url!.slice(1));
    response.writeHead(status, { "content-type": "text/html" }).end();
  });
  for (const [status, code, words] of [
    [204, 69, /the source says that it has nothing to give: stop\n/],
    [
      200,
      69,
      /expected an answer of type text\/event-stream, got text\/html; is it another stream's address/,
    ],
    [403, 77, /it does not let us in/],
  ] as const) {
    const outcome = await ingest(`${url}/${status}`);
    assert.equal(outcome.code, code, outcome.err);
    assert.match(outcome.err, words);
  }
});

test("a contact comes from the command line or the environment", async () => {
  const agents: (string | undefined)[] = [];
  const { url } = await httpServer((request, response) => {
    agents.push(request.headers["user-agent"]);
    response.writeHead(204).end();
  });
  await ingest(url, "--contact", "ops@example.org");
  await runTool("ingest", ["--url", url], { env: { RSVPULSE_CONTACT: "https://example.org/bot" } });
  await ingest(url);
  assert.match(agents[0]!, / \(ops@example\.org\)$/);
  assert.match(agents[1]!, / \(\+https:\/\/example\.org\/bot\)$/);
  assert.match(agents[2]!, /^rsvpulse\/\S+$/);
});

test("all that simulate speaks can be followed through cuts, and nothing is lost or comes twice", async () => {
  const { url, tool } = await simulated("every=2s:cut,every=300ms:garbage=1");
  gone(tool);
  const base = url.replace("/2/rsvps", "");
  const followers = [
    ["--source", "wikimedia-recentchange", "--url", `${base}/v2/stream/recentchange`],
    ["--source", "bluesky-jetstream", "--url", `${base.replace("http", "ws")}/subscribe`],
    ["--url", `${base}/v2/stream/rsvps`, "--protocol", "sse"],
  ].map((args) => gone(startTool("ingest", args, JSON_LOG)));
  const connections = (err: string) =>
    logRecords(err).filter(({ message }) => String(message).startsWith("connected again")).length;
  for (const { err } of followers) await until("it was cut twice", () => connections(err()) >= 2);
  const heard = [];
  for (const { child, ended } of followers) {
    child.kill("SIGTERM");
    const { code, out, err } = await ended;
    assert.equal(code, 143, err);
    const events = out.split("\n").filter((line) => line.startsWith('{"t":'));
    assert.ok(countsOf(err, "ingest")("bad") > 0);
    assert.equal(events.length, countsOf(err, "ingest")("events"));
    heard.push(events.map((line) => JSON.parse(line)));
  }
  tool.child.kill("SIGTERM");
  await tool.ended;
  const [changes, commits, rsvps] = heard;
  for (const list of [changes, rsvps]) {
    const numbers = list!.map(({ cursor }) => JSON.parse(cursor)[0].offset);
    assert.deepEqual(numbers, consecutive(numbers[0], numbers.length));
  }
  // No two messages of simulate have the same id and time, so each commit has its place among the RSVPs.
  const places = new Map(rsvps!.map(({ id, t }, i) => [`${id} ${t}`, i]));
  const found = commits!
    .map(({ id, event }) => places.get(`${id} ${Date.parse(event.commit.record.createdAt)}`))
    .filter((place) => place !== undefined);
  assert.ok(found.length > 50, `${found.length} in common`);
  assert.deepEqual(found, consecutive(found[0]!, found.length));
});

const consecutive = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

test("Ctrl-C ends it though a WebSocket is open and silent", async () => {
  const { url, tool } = await simulated("0s:silence");
  gone(tool);
  const follower = gone(startTool("ingest", ["--url", url.replace("http", "ws")], JSON_LOG));
  await until("it is connected", () => follower.err().includes("connected to ws://"));
  follower.child.kill("SIGINT");
  assert.equal((await follower.ended).code, 130);
  tool.child.kill("SIGTERM");
  await tool.ended;
});
