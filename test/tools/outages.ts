import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { RedisServer } from "../support/redis-server.ts";
import { startTool } from "../support/run-tool.ts";
import { until } from "../support/until.ts";

/** A tool that stores what it reads, and how to see what it stored. */
export interface StoringTool {
  readonly tool: string;
  /** The part of its summary that is always told. */
  readonly part: string;
  readonly server: RedisServer;
  /** Options that it is always given. */
  readonly args: readonly string[];
  /** Good lines of a stream, the `from`-th and on. */
  readonly lines: (from: number, count: number, stream: string) => string[];
  /** What the store holds of a stream. */
  readonly held: (stream: string) => Promise<unknown>;
  /** What it holds once the first `written` lines are stored; `written` is a multiple of five. */
  readonly expected: (written: number) => unknown;
  /** The parts of the summary that are stored, once the first `written` lines are, as its last line has them. */
  readonly parts: (written: number) => string;
}

/** What a Redis that goes away, hangs, stays away or refuses does to a tool that stores what it reads. */
export function outageSuite({ tool, part, server, args, lines, held, expected, parts }: StoringTool): void {
  const env = { REDIS_URL: server.url };
  const start = (...more: string[]) => startTool(tool, [...args, ...more], { env });
  const assertHeld = async (stream: string, written: number) =>
    assert.deepEqual(await held(stream), expected(written));

  /** Feeds lines in small pieces while something happens to the server; gives what the tool said. */
  async function feedWhile(stream: string, happening: (err: () => string) => Promise<void>) {
    const running = start("--pass");
    let written = 0;
    const write = async (pieces: number) => {
      for (let i = 0; i < pieces; i++) {
        const piece = lines(written, 10, stream);
        written += piece.length;
        if (!running.child.stdin.write(piece.join(""))) await once(running.child.stdin, "drain");
      }
    };
    await write(5);
    await until("the first lines are stored", () => running.out().length > 0);
    const done = happening(running.err);
    await write(50);
    await done;
    await write(5);
    running.child.stdin.end();
    return { ...(await running.ended), written };
  }

  test("a Redis that is stopped and started in the middle loses nothing and counts nothing twice", async () => {
    const { code, err, out, written } = await feedWhile("stopped", async () => {
      await server.stop();
      await server.start();
    });
    assert.equal(code, 0, err);
    await assertHeld("stopped", written);
    assert.equal(out, lines(0, written, "stopped").join(""), "--pass hands the lines on, in order");
    assert.ok(err.endsWith(`${tool}: ${written} read = ${parts(written)}\n`), err);
  });

  test("a Redis that hangs is told once, waited for, and counts each batch once", async () => {
    const { code, err, written } = await feedWhile("hanging", async (told) => {
      server.pause();
      // Only then is a batch on its way that is sent once more.
      await until("it is told that the store is away", () => /the store is away/.test(told()));
      server.resume();
    });
    assert.equal(code, 0, err);
    assert.equal(err.match(/the store is away \(/g)?.length, 1);
    assert.match(err, /the store is back after/);
    await assertHeld("hanging", written);
  });

  test("a Redis that stays away at the end is given up: 69, and the summary says how many were not stored", async () => {
    const running = start("--give-up", "300ms");
    running.child.stdin.write(lines(0, 10, "lost").join(""));
    await until("they are stored", async () => isDeepStrictEqual(await held("lost"), expected(10)));
    await server.stop();
    running.child.stdin.end(lines(10, 7, "lost").join(""));
    const { code, err } = await running.ended;
    await server.start();
    assert.equal(code, 69);
    assert.match(err, /the store is away \(.+\); its return is waited for\n/);
    assert.match(err, /7 records were not stored\n/);
    assert.ok(err.endsWith(`17 read = ${parts(10)} + 7 not stored\n`), err);
  });

  test("SIGTERM stores what was read and ends with 143", async () => {
    const running = start("--pass");
    running.child.stdin.write(lines(0, 10, "terminated").join(""));
    await until("it works", () => running.out().length > 0);
    running.child.kill("SIGTERM");
    assert.equal((await running.ended).code, 143);
    await assertHeld("terminated", 10);
  });

  test("a replica refuses for good: 77, at once, though the input goes on", async () => {
    await server.command("REPLICAOF", "127.0.0.1", "1");
    const running = start();
    running.child.stdin.write(lines(0, 10, "replica").join(""));
    const { code, err } = await running.ended;
    await server.command("REPLICAOF", "NO", "ONE");
    assert.equal(code, 77);
    assert.match(err, /READONLY.*takes writes/);
    assert.ok(err.endsWith(`10 read = 0 ${part} + 10 not stored\n`), err);
  });
}
