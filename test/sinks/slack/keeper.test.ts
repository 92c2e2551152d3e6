import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { logOf } from "../../../src/core/log.ts";
import { openKeeper } from "../../../src/sinks/slack/keeper.ts";
import { scratchFolder } from "../../support/scratch.ts";

const folder = scratchFolder();
const told: string[] = [];
const log = logOf((severity, message) => told.push(`${severity} ${message}`));

test("records are appended to what is there, each on a line of its own", () => {
  const path = join(folder, "kept.ndjson");
  writeFileSync(path, '{"earlier":1}\n');
  const keeper = openKeeper(path, log);
  keeper.take(Buffer.from('{"a":1}'));
  keeper.take(Buffer.from('{"b":2}'));
  keeper.settle();
  keeper.settle();
  keeper.end();
  keeper.close();
  assert.equal(readFileSync(path, "utf8"), '{"earlier":1}\n{"a":1}\n{"b":2}\n');
});

test("a full disk is told once and at the end with the number that is missing", () => {
  const keeper = openKeeper("/dev/full", log);
  for (const letter of "ab") {
    keeper.take(Buffer.from(letter));
    keeper.settle();
  }
  assert.deepEqual(told, [
    "ERROR /dev/full: cannot write: no space left on the disk; records go to Slack all the same",
  ]);
  assert.throws(() => keeper.end(), {
    kind: "io",
    message: /no space left on the disk; 2 log records not kept/,
  });
});

test("half of a line that a killed run left is cut off and told; no record is joined to it", () => {
  const path = join(folder, "half.ndjson");
  told.length = 0;
  for (const [before, after] of [
    ['{"a":1}\n{"b":', '{"a":1}\n{"c":3}\n'],
    ['{"b":', '{"c":3}\n'],
  ] as const) {
    writeFileSync(path, before);
    const keeper = openKeeper(path, log);
    keeper.take(Buffer.from('{"c":3}'));
    keeper.settle();
    keeper.close();
    assert.equal(readFileSync(path, "utf8"), after);
  }
  assert.equal(told.length, 2);
  for (const line of told) assert.match(line, /^WARNING .*half of a record .* is cut off$/);
});

test("a file is kept by one at a time, whose whole records nobody cuts", () => {
  const path = join(folder, "one.ndjson");
  const keeper = openKeeper(path, log);
  assert.throws(() => openKeeper(path, log), {
    kind: "unavailable",
    message: /one\.ndjson: another process \(pid/,
  });
  keeper.close();
  openKeeper(path, log).close();
});

test("a file that cannot be made is told before anything is read", () => {
  assert.throws(() => openKeeper(join(folder, "none", "kept.ndjson"), log), { kind: "cannotCreate" });
});
