import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { logOf } from "../../../src/core/log.ts";
import { openSpool } from "../../../src/sinks/slack/spool.ts";
import { adoptUnposted, unposted } from "../../../src/sinks/slack/unposted.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scratchFolder } from "../../support/scratch.ts";

const folder = scratchFolder();
const told: string[] = [];
const log = logOf((severity, message) => told.push(`${severity} ${message}`));
const lines =
  (...texts: string[]) =>
  () =>
    texts.map((text) => Buffer.from(text));

function setting(bytesMax = 1e6) {
  const clock = fakeClock();
  const spool = openSpool(mkdtempSync(join(folder, "outbox-")), { bytesMax, clock });
  const file = (number: number) => join(spool.folder, `unposted-${number}.ndjson`);
  return { clock, spool, file, open: () => unposted(spool.folder, { clock, log }) };
}
const waiting = (spool: ReturnType<typeof setting>["spool"]) => spool.waiting().map(({ text }) => text);

test("counts are on the disk at once, then once a second; none makes no file", async () => {
  const { clock, file, open } = setting();
  const counts = open();
  counts.keep(lines());
  assert.ok(!existsSync(file(0)));
  await clock.sleep(1000);
  counts.keep(lines('{"a":1}'));
  assert.equal(readFileSync(file(0), "utf8"), '{"a":1}\n');
  counts.keep(lines('{"a":2}'));
  assert.equal(readFileSync(file(0), "utf8"), '{"a":1}\n');
  await clock.sleep(1000);
  counts.keep(lines('{"a":2}', '{"b":1}'));
  assert.equal(readFileSync(file(0), "utf8"), '{"a":2}\n{"b":1}\n');
  counts.clear();
  assert.ok(!existsSync(file(0)));
});

test("two processes have a file each, and only what nobody has any more is adopted", async () => {
  const { spool, file, open } = setting();
  const [one, two] = [open(), open()];
  one.keep(lines('{"one":1}'));
  two.keep(lines('{"two":1}'));
  assert.ok(existsSync(file(0)) && existsSync(file(1)));
  await adoptUnposted(spool);
  assert.deepEqual(waiting(spool), []);
  one.close();
  await adoptUnposted(spool);
  assert.deepEqual(waiting(spool), ['{"one":1}']);
  assert.ok(!existsSync(file(0)) && existsSync(file(1)));
});

test("what a full spool does not take waits on", async () => {
  const { spool, file } = setting(12);
  writeFileSync(file(3), '{"one":1}\n{"two":1}\n');
  await adoptUnposted(spool);
  assert.deepEqual(waiting(spool), ['{"one":1}']);
  assert.equal(readFileSync(file(3), "utf8"), '{"two":1}\n');
});

test("a file that somebody removed is no failure; whatever else fails is told once, and thrown by the adoption alone", async () => {
  const { clock, spool, file, open } = setting();
  const counts = open();
  counts.keep(lines('{"a":1}'));
  rmSync(file(0));
  counts.clear();
  assert.deepEqual(told, []);
  await clock.sleep(1000);
  counts.keep(lines('{"a":1}'));
  rmSync(file(0));
  mkdirSync(file(0));
  counts.clear();
  counts.clear();
  rmSync(spool.folder, { recursive: true });
  open().keep(lines('{"b":1}'));
  await assert.rejects(adoptUnposted(spool), { name: "ToolError", message: /cannot read: no such file/ });
  assert.equal(told.length, 2);
  for (const line of told) assert.match(line, /^WARNING repeats are counted in memory alone/);
});
