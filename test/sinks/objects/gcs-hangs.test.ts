import assert from "node:assert/strict";
import { test } from "node:test";
import { gcsServer } from "../../support/gcs-server.ts";
import { startTool } from "../../support/run-tool.ts";
import { scratchFolder } from "../../support/scratch.ts";
import { until } from "../../support/until.ts";

const server = await gcsServer();

for (const mode of [[], ["--batch", "1KB/1h"]]) {
  test(`after SIGTERM a bucket that hangs costs no summary ${mode.join(" ")}`, async () => {
    server.requests.length = 0;
    server.mishaps(() => "no-answer");
    const env = { ...server.env, XDG_STATE_HOME: scratchFolder() };
    const args = ["--to", "gs://bucket/z", "--label", "l", "--time", "t", ...mode];
    const running = startTool("archive", args, { env });
    running.child.stdin.write(`{"t":1700000000000,"w":"${"x".repeat(2000)}"}\n`);
    await until("it asks the bucket", () => server.requests.length > 0);
    running.child.stdin.write(`{"t":1700000000001,"w":"${"x".repeat(2000)}"}\n`);
    running.child.kill("SIGTERM");
    const { err } = await running.ended;
    assert.match(err, /stays away|cannot be reached/);
    assert.match(err, mode.length === 0 ? /2 read = 0 archived .*2 not stored/ : /2 read = /);
  });
}
