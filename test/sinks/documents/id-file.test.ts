import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { openIdFile } from "../../../src/sinks/documents/id-file.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scratchFolder } from "../../support/scratch.ts";

const scratch = scratchFolder();
const fresh = () => mkdtempSync(join(scratch, "ids-"));
const DAY = 86_400;

const open = (folder: string, clock = fakeClock()) => openIdFile(folder, { refresh: DAY, clock });

test("what waits and what was asked for outlives the process, in order", async () => {
  const folder = fresh();
  const clock = fakeClock();
  const first = await open(folder, clock);
  for (const id of [5, 3, 9]) assert.equal(first.see("members", id), true);
  assert.equal(first.see("groups", 5), true);
  first.flush();
  first.settle("members", [3]);
  first.allowance.save({ remaining: 7, until: 123 });
  first.close();

  const second = await open(folder, clock);
  assert.deepEqual(second.books.members.first(9), [5, 9]);
  assert.deepEqual(second.books.groups.first(9), [5]);
  assert.equal(second.see("members", 3), false);
  assert.deepEqual(second.allowance.load(), { remaining: 7, until: 123 });
  second.close();

  await clock.sleep(DAY * 1000 + 1000);
  const third = await open(folder, clock);
  assert.equal(third.see("members", 3), true);
  third.close();
});

test("what was seen and not flushed is not kept", async () => {
  const folder = fresh();
  const first = await open(folder);
  first.see("members", 1);
  first.close();
  const second = await open(folder);
  assert.equal(second.books.members.waiting, 0);
  second.close();
});

test("a line that a crash cut in two, and others that are none, cost nothing else", async () => {
  const folder = fresh();
  const first = await open(folder);
  first.see("members", 1);
  first.flush();
  first.close();
  appendFileSync(
    `${folder}/ids.ndjson`,
    '{}\n{"waits":"people","ids":[4]}\n{"waits":"members","ids":["x",2]}\n{"waits":"mem',
  );
  const second = await open(folder);
  assert.deepEqual(second.books.members.first(9), [1, 2]);
  second.see("members", 3);
  second.flush();
  second.close();
  const third = await open(folder);
  assert.deepEqual(third.books.members.first(9), [1, 2, 3]);
  third.close();
});

test("two processes never ask for the same ids: the second is told who does", async () => {
  const folder = fresh();
  const first = await open(folder);
  await assert.rejects(
    open(folder),
    (error) => error instanceof ToolError && error.kind === "unavailable" && error.message.includes("pid"),
  );
  first.close();
  (await open(folder)).close();
});

test("the file does not grow with the time, only with the ids", async () => {
  const folder = fresh();
  const log = await open(folder);
  const ids = Array.from({ length: 1000 }, (_, i) => 100_000_000 + i);
  for (let turn = 0; turn < 500; turn++) log.settle("members", ids);
  log.close();
  assert.ok(statSync(`${folder}/ids.ndjson`).size < 2 << 20);
  const again = await open(folder);
  assert.equal(again.see("members", 100_000_999), false);
  again.close();
  assert.ok(readFileSync(`${folder}/ids.ndjson`).length < 12_000);
});
