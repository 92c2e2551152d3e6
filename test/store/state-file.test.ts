import assert from "node:assert/strict";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { openStateFile } from "../../src/store/state-file.ts";
import { scratchFolder } from "../support/scratch.ts";

const folder = scratchFolder();

test("what was saved last is loaded, in the next run too, and nothing else is left behind", async () => {
  const path = `${folder}/state.json`;
  const first = openStateFile(path);
  assert.equal(await first.load(), undefined);
  await first.save("one");
  await first.save("two");
  assert.equal(readFileSync(path, "utf8"), "two\n");
  await first.close();
  const second = openStateFile(path);
  assert.equal(await second.load(), "two\n");
  await second.close();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes("new")),
    [],
  );
});

test("two never have it at once, and the second is told who has it", async () => {
  const path = `${folder}/locked.json`;
  const first = openStateFile(path);
  assert.throws(() => openStateFile(path), {
    kind: "unavailable",
    message: new RegExp(`pid ${process.pid}`),
  });
  await first.close();
  await openStateFile(path).close();
});

test("a folder that is not there, and a folder in place of a file, are told", async () => {
  assert.throws(() => openStateFile(`${folder}/none/state.json`), {
    kind: "usage",
    message: /a folder that is there/,
  });
  writeFileSync(`${folder}/file`, "");
  assert.throws(() => openStateFile(`${folder}/file/state.json`));
});

test("an empty file is a new state; a device is refused, for saving would replace it", async () => {
  writeFileSync(`${folder}/empty.json`, "\n");
  const empty = openStateFile(`${folder}/empty.json`);
  assert.equal(await empty.load(), undefined);
  await empty.close();
  symlinkSync("/dev/null", `${folder}/null`);
  const device = openStateFile(`${folder}/null`);
  await assert.rejects(device.load(), { kind: "usage", message: /expected a file that can be replaced/ });
  await device.close();
});
