import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runShell, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";

const folder = scratchFolder();
const args = (path: string) => ["--replay", path, "--time", "t", "--speed", "max"];

test("a named pipe is replayed to its end", async () => {
  const { code, out, err } = await runShell(
    `mkfifo ${folder}/pipe; seq 3 | sed 's/.*/{"t":&}/' > ${folder}/pipe & bin/ingest ${args(`${folder}/pipe`).join(" ")}`,
  );
  assert.equal(code, 0, err);
  assert.equal(out.split("\n").length, 4);
});

test("a named pipe that nobody writes to does not keep ingest from ending", async () => {
  await runShell(`mkfifo ${folder}/silent`);
  const tool = startTool("ingest", args(`${folder}/silent`));
  await delay(700);
  tool.child.kill("SIGTERM");
  const stuck = setTimeout(() => tool.child.kill("SIGKILL"), 4000);
  const { code, err } = await tool.ended;
  clearTimeout(stuck);
  assert.equal(code, 143, err);
  assert.match(err, /0 read = 0 events/);
});
