import assert from "node:assert/strict";
import { test } from "node:test";
import type { CollectedStream } from "../../src/collect/collected-stream.ts";
import type { Standing } from "../../src/collect/supervise.ts";
import { watch } from "../../src/collect/watch.ts";
import { logOf } from "../../src/core/log.ts";

/** Two streams and an archive as a test says they are, looked at each second of a time that it moves on. */
function watched() {
  const state = { connected: true, standing: { kind: "running" } as Standing, unkept: 0, kept: 0, time: 0 };
  const told: string[] = [];
  const stream = (name: string, isConnected: () => boolean, standing: () => Standing) =>
    ({
      settings: { stream: name },
      status: {
        get isConnected() {
          return isConnected();
        },
      },
      standing,
      kept: () => state.kept,
    }) as unknown as CollectedStream;
  const failed = new AbortController();
  const profilesFailed = new AbortController();
  const { look, isWell } = watch({
    streams: [
      stream(
        "a",
        () => state.connected,
        () => state.standing,
      ),
      stream(
        "b",
        () => true,
        () => ({ kind: "running" }),
      ),
    ],
    keeping: {
      get unkept() {
        return state.unkept;
      },
      failed: failed.signal,
    },
    profilesFailed: profilesFailed.signal,
    clock: { elapsed: () => state.time },
    log: logOf((severity, message) => told.push(`${severity} ${message}`)),
  });
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      state.time += 1000;
      look();
    }
  };
  return { state, told, isWell, pass, failed, profilesFailed };
}

test("a connection that is lost is no trouble for a minute, and an error after five, once", () => {
  const { state, told, isWell, pass } = watched();
  pass(5);
  state.connected = false;
  pass(59);
  assert.ok(isWell());
  pass(2);
  assert.ok(!isWell());
  pass(900);
  assert.deepEqual(told, ["ERROR a: not connected for 5 min"]);
  state.connected = true;
  pass(1);
  assert.ok(isWell());
  assert.deepEqual(told.slice(1), ["NOTICE a: connected again"]);
});

test("messages that wait and are not kept are told; a slow archive that keeps some is not", () => {
  const { state, told, isWell, pass } = watched();
  state.unkept = 7;
  for (let i = 0; i < 400; i++) {
    state.kept++;
    pass(1);
  }
  assert.ok(isWell());
  pass(310);
  assert.ok(!isWell());
  assert.deepEqual(told, ["ERROR nothing was kept for 5 min: 7 messages wait"]);
});

test("one that is down is not well, and not told again; one that is over is well", () => {
  const { state, told, isWell, pass } = watched();
  state.connected = false;
  state.standing = { kind: "down", error: new Error("no") as never };
  pass(1000);
  assert.ok(!isWell());
  state.standing = { kind: "over" };
  assert.ok(isWell());
  assert.deepEqual(told, []);
});

test("where nothing can be kept, or nobody be asked any more, it is not well", () => {
  for (const which of ["failed", "profilesFailed"] as const) {
    const one = watched();
    one.pass(1);
    assert.ok(one.isWell());
    one[which].abort();
    assert.ok(!one.isWell());
  }
});
