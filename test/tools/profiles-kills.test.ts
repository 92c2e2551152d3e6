import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { filesOf, groupId, meetupApi, memberIds, rsvpsOf } from "../support/meetup-api.ts";
import { runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const env = { XDG_STATE_HOME: folder };

test("killed with SIGKILL five times: each id that was handed on has one document, and no request too many was made", async () => {
  const server = await meetupApi();
  const args = ["--to", folder, "--api", server.url.href, "--pass"];
  const members = memberIds(2400);
  const lines = rsvpsOf(members);
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
  assert.deepEqual(readdirSync(`${folder}/members`).sort(), filesOf(members));
  assert.deepEqual(readdirSync(`${folder}/groups`).sort(), filesOf(members.map((_, i) => groupId(i % 50))));
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
