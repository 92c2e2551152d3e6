import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { openLines } from "../support/line-client.ts";
import { runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();

/** Starts a server and waits until it says where it listens. */
async function startServer(name: string, ...args: string[]) {
  const portFile = join(folder, name);
  const tool = startTool("simulate", ["--port", "0", "--port-file", portFile, ...args], { input: "" });
  const port = await until("the port is told", () => existsSync(portFile) && readFileSync(portFile, "utf8"));
  return { tool, portFile, port: Number(port), address: `http://127.0.0.1:${Number(port)}` };
}

test("it serves, says where, and Ctrl-C ends it at once with 130, completing the responses", async () => {
  const { tool, address, portFile, port } = await startServer("ctrl-c", "--rate", "100");
  const client = await openLines(`${address}/2/rsvps`);
  await until("messages come", () => client.lines().length > 20);
  assert.match(
    tool.err(),
    new RegExp(`^simulate: serving 100 RSVPs a second at http://127.0.0.1:${port}/2/rsvps`),
  );
  tool.child.kill("SIGINT");
  assert.equal(await client.over, "ended");
  const { code, err } = await tool.ended;
  assert.equal(code, 130);
  assert.match(err, /simulate: \d+ made = \d+ rsvps \+ .*; 1 connection served\n$/);
  assert.equal(existsSync(portFile), false, "the port file is gone");
});

test("its summary adds up", async () => {
  const { tool } = await startServer("for", "--for", "1s", "--rate", "200", "--story", "0s:garbage=3");
  const { code, err } = await tool.ended;
  assert.equal(code, 0);
  const [whole, ...parts] = /(\d+ made.*);/.exec(err)![1]!.match(/\d+/g)!.map(Number);
  assert.equal(
    parts.reduce((sum, part) => sum + part, 0),
    whole,
  );
});

test("SIGTERM ends it with 143", async () => {
  const { tool } = await startServer("term");
  tool.child.kill("SIGTERM");
  assert.equal((await tool.ended).code, 143);
});

test("a port file left by another is not taken for its own", async () => {
  const portFile = join(folder, "stale");
  writeFileSync(portFile, "1\n");
  const tool = startTool("simulate", ["--port", "0", "--port-file", portFile, "--for", "5s"], { input: "" });
  await until("its own port is told", () => existsSync(portFile) && readFileSync(portFile, "utf8") !== "1\n");
  tool.child.kill("SIGINT");
  await tool.ended;
});

test("a listener that never reads is sent away, and the others go on", async () => {
  const { tool, port, address } = await startServer("slow", "--rate", "40000");
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  socket.write("GET /2/rsvps HTTP/1.1\r\nHost: x\r\n\r\n");
  await until("it is sent away", () => tool.err().includes("a listener read too slowly and was sent away"));
  socket.destroy();
  const other = await openLines(`${address}/2/photos`);
  await until("messages come", () => other.lines().length > 0);
  tool.child.kill("SIGINT");
  assert.match((await tool.ended).err, /2 connections served, 1 dropped\n$/);
});

test("a taken port ends it with 69 and what to do", async () => {
  const { tool, port } = await startServer("first");
  const { code, err } = await runTool("simulate", ["--port", String(port)]);
  tool.child.kill("SIGINT");
  assert.equal(code, 69);
  assert.equal(
    err,
    `simulate: port ${port} of 127.0.0.1 is in use; end what listens there, or take another with --port (0: the system chooses)\n`,
  );
});

test("--print ends quietly when its reader goes away", async () => {
  const { code, out, err } = await runShell("bin/simulate --print 1d --rate 1000 | head -1");
  assert.equal(code, 0);
  assert.equal(out.split("\n").length, 2);
  assert.match(err, /^simulate: \d+ made = \d+ messages\n$/);
});

test("a story is read from a file, and a mistake in it is told with its line", async () => {
  const file = join(folder, "story");
  writeFileSync(file, "# broken lines\n1s:garbage=2\n");
  const good = await runTool("simulate", ["--print", "2s", "--story", `@${file}`]);
  assert.match(good.err, /\+ 2 broken\n$/);
  writeFileSync(file, "1s:cut\n2s:cutt\n");
  const bad = await runTool("simulate", ["--print", "2s", "--story", file]);
  assert.equal(bad.code, 64);
  assert.equal(
    bad.err,
    `simulate: --story: ${file}: line 2, item "2s:cutt": expected surge, silence, stall, swap, share, cut, garbage, got "cutt" (did you mean cut?)\n`,
  );
});
