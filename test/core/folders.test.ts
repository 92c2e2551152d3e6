import assert from "node:assert/strict";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "../../src/core/folders.ts";
import { scratchFolder } from "../support/scratch.ts";

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("folders are their owner's alone unless told otherwise, those above them too; one that is there stays as it is", () => {
  const scratch = scratchFolder();
  makeFolder(join(scratch, "a", "b"));
  assert.deepEqual([modeOf(join(scratch, "a")), modeOf(join(scratch, "a", "b"))], [0o700, 0o700]);
  makeFolder(join(scratch, "c", "d"), 0o777);
  const open = 0o777 & ~process.umask();
  assert.deepEqual([modeOf(join(scratch, "c")), modeOf(join(scratch, "c", "d"))], [open, open]);
  mkdirSync(join(scratch, "e"), { mode: 0o750 });
  makeFolder(join(scratch, "e"));
  assert.equal(modeOf(join(scratch, "e")), 0o750 & ~process.umask());
});

test("a file in the way, or a folder that takes none, is told and ends", () => {
  const scratch = scratchFolder();
  writeFileSync(join(scratch, "file"), "");
  assert.throws(() => makeFolder(join(scratch, "file", "x")), { name: "ToolError", kind: "cannotCreate" });
  assert.throws(() => makeFolder("/proc/rsvpulse/x"), { name: "ToolError", kind: "cannotCreate" });
});
