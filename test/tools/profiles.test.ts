import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { STREAM_NAMES } from "../../src/simulate/world.ts";
import { filesOf, groupId, meetupApi, memberIds, rsvpOf, rsvpsOf } from "../support/meetup-api.ts";
import { runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { simulated } from "../support/simulated.ts";
import { until } from "../support/until.ts";
import { linesOf, messagesOf } from "../support/world-lines.ts";

const scratch = scratchFolder();
const fresh = () => mkdtempSync(join(scratch, "people-"));
const KEY = "0123456789abcdef";
const env = { MEETUP_API_KEY: KEY, XDG_STATE_HOME: scratch };

const summary = (err: string) => err.trimEnd().split("\n").slice(-2).join("\n");

test("each member and group in five real streams has one document, within the limit, and a restart asks for none again", async () => {
  const { url, tool } = await simulated("1h:silence:1s", ["--seed", "test"]);
  const api = new URL(url).origin;
  const sent = STREAM_NAMES.map((stream) => linesOf({ rate: 5 }, { span: 60_000, stream }));
  const members = new Set<number>();
  const groups = new Set<number>();
  for (const { member, group, photo_album } of sent.flatMap(messagesOf)) {
    if (member !== undefined) members.add(member.member_id);
    const named = photo_album?.group ?? group;
    if (named !== undefined) groups.add(named.group_id ?? named.id);
  }
  const input = Buffer.concat(sent.flat().map(({ bytes }) => bytes));
  const folder = fresh();
  const args = ["--to", folder, "--api", api];
  const first = await runTool("profiles", args, { env, input });
  assert.equal(first.code, 0, first.err);
  assert.doesNotMatch(first.err, /429/);
  assert.deepEqual(readdirSync(`${folder}/members`).sort(), filesOf(members));
  assert.deepEqual(readdirSync(`${folder}/groups`).sort(), filesOf(groups));
  const stored = members.size + groups.size;
  assert.match(
    summary(first.err),
    new RegExp(`ids = ${stored} stored \\+ \\d+ repeats\\n.*with ids \\+ \\d+ without ids`),
  );
  const [name] = readdirSync(`${folder}/members`);
  const text = readFileSync(`${folder}/members/${name}`, "utf8");
  assert.equal(`m${(JSON.parse(text) as { id: number }).id}.json`, name);

  const again = await runTool("profiles", args, { env, input });
  assert.match(summary(again.err), /: (\d+) ids = 0 stored \+ \1 repeats\n/);
  assert.doesNotMatch(first.err + again.err + text, new RegExp(KEY));
  tool.child.kill("SIGTERM");
  await tool.ended;
});

test("SIGTERM ends it within five seconds; what is left is said, kept, and asked for by the next run", async () => {
  let isOpen = false;
  const server = await meetupApi({
    instead: (_, response) => {
      if (isOpen) return undefined;
      response.writeHead(429, { "retry-after": "600" }).end();
      return "done";
    },
  });
  const folder = fresh();
  const args = ["--to", folder, "--api", server.url.href];
  const running = startTool("profiles", args, { env });
  running.child.stdin.write(rsvpsOf(memberIds(250)).join(""));
  await until("it was refused", () => running.err().includes("it answers 429; tried again in 10 min"));
  const begun = performance.now();
  running.child.kill("SIGTERM");
  const { code, err } = await running.ended;
  assert.equal(code, 143);
  assert.ok(performance.now() - begun < 5000);
  assert.match(err, /: 500 ids = 0 stored \+ 200 repeats \+ 300 left; the next run asks for what is left\n/);

  isOpen = true;
  const next = await runTool("profiles", args, { env, input: "" });
  assert.equal(next.code, 0, next.err);
  assert.match(next.err, /: 300 ids = 300 stored \(300 of them from earlier runs\)\n/);
  assert.deepEqual(readdirSync(`${folder}/members`).sort(), filesOf(memberIds(250)));
});

test("a stream that is faster than the API's limit is handed on all the same, and nobody is forgotten", async () => {
  let isOpen = false;
  const server = await meetupApi({
    instead: (_, response) => {
      if (isOpen) return undefined;
      response.writeHead(200, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" });
      response.end('{"results":[],"meta":{}}');
      isOpen = true;
      return "done";
    },
  });
  const folder = fresh();
  const running = startTool("profiles", ["--to", folder, "--api", server.url.href, "--pass"], { env });
  const members = memberIds(1200);
  running.child.stdin.write(rsvpsOf(members.slice(0, 200)).join(""));
  await until("the limit is used up", () => server.requests.length > 0);
  running.child.stdin.write(rsvpsOf(members.slice(200)).join(""));
  await until("all are handed on", () => running.out().split("\n").length === 1201);
  // Whoever was asked for, for all that the API said, is unknown; nobody else was asked for yet, or after the reset only.
  running.child.stdin.end();
  const { code, err } = await running.ended;
  assert.equal(code, 0, err);
  assert.match(err, /2400 ids = \d+ stored \+ (200|50) unknown \+ 1150 repeats\n/);
  assert.deepEqual(new Set(server.requests.map(({ status }) => status)), new Set([200]));
});

test("an API that nobody serves is 69 within seconds, with what to do; the ids are kept", async () => {
  const folder = fresh();
  const args = ["--to", folder, "--api", "http://127.0.0.1:1"];
  const { code, err } = await runTool("profiles", args, { env, input: rsvpsOf(memberIds(3)).join("") });
  assert.equal(code, 69);
  assert.match(err, /Meetup's API at 127.0.0.1:1 cannot be reached: nobody listens at its address/);
  assert.match(err, /6 ids = 0 stored \+ 6 left; the next run/);
});

test("values are redacted in what is kept", async () => {
  const server = await meetupApi();
  const folder = fresh();
  const args = ["--to", folder, "--api", server.url.href, "--redact", "name,photo.photo_link"];
  await runTool("profiles", args, { env, input: rsvpOf(8_000_001, groupId(1)) });
  const member = JSON.parse(readFileSync(`${folder}/members/m8000001.json`, "utf8")) as Record<
    string,
    unknown
  >;
  assert.equal(member["name"], null);
  assert.equal((member["photo"] as Record<string, unknown>)["photo_link"], null);
});

test("a read-only place is one clear line and 77", {
  skip: existsSync("/sys/kernel") ? false : "no /sys here",
}, async () => {
  const { code, err } = await runTool("profiles", ["--to", "/sys/people", "--api", "http://127.0.0.1:1"], {
    env,
  });
  assert.equal(code, 77);
  assert.match(err, /^profiles: \/sys\/people: cannot create: .*\n$/);
});

const canMount = spawnSync("unshare", ["-Urm", "mount", "-t", "tmpfs", "tmpfs", scratch]).status === 0;
test("a full disk is one clear line and 74; nothing half-written stays", {
  skip: canMount ? false : "no disk of one's own can be mounted here",
}, async () => {
  const server = await meetupApi();
  const folder = fresh();
  mkdirSync(`${folder}/copy`);
  const line = [
    `mount -t tmpfs -o size=400k tmpfs ${folder}/copy || exit 99`,
    `bin/profiles --to ${folder}/copy/people --api ${server.url.href}`,
    `code=$?; cat ${folder}/copy/people/*/m*.json; ls -A ${folder}/copy/people/.new; exit $code`,
  ].join("; ");
  const { code, out, err } = await runShell(`unshare -Urm bash -c '${line}'`, {
    env,
    input: rsvpsOf(memberIds(600)).join(""),
  });
  assert.equal(code, 74, err);
  assert.match(err, /no space left on the disk\n/);
  assert.equal(err.split("\n").filter((text) => text.includes("no space left")).length, 1);
  const documents = out.trimEnd().split("\n");
  assert.ok(documents.length > 10);
  for (const document of documents) assert.ok((JSON.parse(document) as { id: number }).id > 0);
});

test("an address with a key in it, and a key in the arguments, are refused and not repeated", async () => {
  const args = ["--to", fresh(), "--api"];
  for (const address of [`http://127.0.0.1:1/?key=${KEY}`, `http://127.0.0.1:1/key=${KEY}`]) {
    const { code, err } = await runTool("profiles", [...args, address], { env });
    assert.ok(code === 64 || code === 78, String(code));
    assert.doesNotMatch(err, new RegExp(KEY));
  }
});
