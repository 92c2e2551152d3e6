import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { logOf } from "../../../src/core/log.ts";
import { BatchJournal, journalsIn } from "../../../src/sinks/objects/batch-journal.ts";
import { recoverBatches } from "../../../src/sinks/objects/batch-keeper.ts";
import { folderObjects } from "../../../src/sinks/objects/folder.ts";
import { safeName } from "../../../src/sinks/objects/object-name.ts";
import { scratchFolder } from "../../support/scratch.ts";

const never = new AbortController().signal;
const label = safeName("ж".repeat(30));

/** A journal as a killed run leaves it. */
async function left(place: string): Promise<string> {
  const journal = BatchJournal.begin(join(place, ".open"), label);
  journal.append(2, Buffer.from('{"n":2}'));
  journal.append(1, Buffer.from('{"n":1}'));
  await journal.sync();
  journal.leave();
  return journal.path;
}

test("the label of a batch may be as long as a folder's name may be, and is known after a kill", async () => {
  assert.equal(label.length, 180);
  const place = scratchFolder();
  const path = await left(place);
  const journal = BatchJournal.recover(path)!;
  assert.deepEqual([journal.label, journal.messages], [label, 2]);
  assert.equal(Buffer.concat([...journal.sorted()]).toString(), '{"n":1}\n{"n":2}\n');
  journal.remove();
  assert.deepEqual(journalsIn(join(place, ".open")), []);
});

test("one that a host of another name holds is told of, and free once its lock file is removed", async () => {
  const place = scratchFolder();
  const path = await left(place);
  const [lock] = readdirSync(join(place, ".open")).filter((name) => /\.\d+$/.test(name));
  const file = join(place, ".open", lock!);
  writeFileSync(file, JSON.stringify({ pid: 7, started: "", host: "elsewhere.invalid" }));
  const told: string[] = [];
  const log = logOf((severity, message) => void told.push(`${severity} ${message}`));
  const store = folderObjects(place);
  assert.equal(await recoverBatches(store, { log, giveUp: never }), 0);
  assert.equal(
    told[0],
    `WARNING ${path}: messages of process 7 on the host elsewhere.invalid wait there; if it is gone, remove ${file} and run this again`,
  );
  assert.match(readFileSync(path, "utf8"), /^label\t/);
  rmSync(file);
  assert.equal(await recoverBatches(store, { log, giveUp: never }), 2);
  assert.equal(readdirSync(join(place, label)).length, 1);
});
