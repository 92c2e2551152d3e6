import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { STREAM_NAMES } from "../../src/simulate/world.ts";
import { groupId, meetupApi, memberIds } from "../support/meetup-api.ts";
import { runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { simulated } from "../support/simulated.ts";
import { until } from "../support/until.ts";
import { linesOf, messagesOf } from "../support/world-lines.ts";

const scratch = scratchFolder();
const fresh = () => mkdtempSync(join(scratch, "people-"));
const KEY = "0123456789abcdef";
const env = { MEETUP_API_KEY: KEY, XDG_STATE_HOME: scratch };

const message = (member: number, group?: number) =>
  `${JSON.stringify({ mtime: 1, member: { member_id: member }, ...(group !== undefined && { group: { group_id: group } }) })}\n`;
const messages = (members: readonly number[]) =>
  members.map((id, i) => message(id, groupId(i % 50))).join("");
const files = (ids: Iterable<number>) => [...new Set(ids)].map((id) => `m${id}.json`).sort();
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
  assert.deepEqual(readdirSync(`${folder}/members`).sort(), files(members));
  assert.deepEqual(readdirSync(`${folder}/groups`).sort(), files(groups));
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

test("killed with SIGKILL five times: each id that was handed on has one document, and no request too many was made", async () => {
  const server = await meetupApi();
  const folder = fresh();
  const args = ["--to", folder, "--api", server.url.href, "--pass"];
  const members = memberIds(2400);
  const lines = members.map((id, i) => message(id, groupId(i % 50)));
  let passed = 0;
  for (let kill = 0; kill < 5; kill++) {
    const running = startTool("profiles", args, { env });
    // As from a source that resumes: what was not handed on comes again.
    const before = passed;
    running.child.stdin.write(lines.slice(before, before + 400).join(""));
    await until("it has handed some on", () => running.out().split("\n").length > 1);
    const asked = server.requests.length;
    if (kill % 2 === 1) await until("it asks", () => server.requests.length > asked);
    running.child.kill("SIGKILL");
    const { out } = await running.ended;
    passed = before + out.split("\n").length - 1;
  }
  const { code, err } = await runTool("profiles", args, { env, input: lines.slice(passed).join("") });
  assert.equal(code, 0, err);
  assert.deepEqual(readdirSync(`${folder}/members`).sort(), files(members));
  assert.deepEqual(readdirSync(`${folder}/groups`).sort(), files(members.map((_, i) => groupId(i % 50))));
  for (const id of members) {
    assert.equal(
      (JSON.parse(readFileSync(`${folder}/members/m${id}.json`, "utf8")) as { id: number }).id,
      id,
    );
  }
  const refused = server.requests.filter(({ status }) => status !== 200);
  assert.deepEqual(refused, []);
  const asked = server.requests.flatMap(({ kind, ids }) => ids.map((id) => `${kind} ${id}`));
  const repeats = asked.length - new Set(asked).size;
  assert.ok(repeats <= 5 * 200, `${repeats} asked for again: at most the request in flight at each kill`);
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
  running.child.stdin.write(messages(memberIds(250)));
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
  assert.deepEqual(readdirSync(`${folder}/members`).sort(), files(memberIds(250)));
});

test("an API that nobody serves is 69 within seconds, with what to do; the ids are kept", async () => {
  const folder = fresh();
  const args = ["--to", folder, "--api", "http://127.0.0.1:1"];
  const { code, err } = await runTool("profiles", args, { env, input: messages(memberIds(3)) });
  assert.equal(code, 69);
  assert.match(err, /Meetup's API at 127.0.0.1:1 cannot be reached: nobody listens at its address/);
  assert.match(err, /6 ids = 0 stored \+ 6 left; the next run/);
});

test("values are redacted in what is kept", async () => {
  const server = await meetupApi();
  const folder = fresh();
  const args = ["--to", folder, "--api", server.url.href, "--redact", "name,photo.photo_link"];
  await runTool("profiles", args, { env, input: message(8_000_001) });
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
    input: messages(memberIds(600)),
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
