import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { logOf } from "../../src/core/log.ts";
import { openMuteFile } from "../../src/store/mute-file.ts";
import { scratchFolder } from "../support/scratch.ts";

const folder = scratchFolder();
const entry = (day: string) => `{"from":"${day}T00:00Z","to":"${day}T12:00Z"}\n`;

test("the file is read again when it changes, and a bad change is reported and changes nothing", () => {
  const path = `${folder}/mutes`;
  const said: string[] = [];
  writeFileSync(path, entry("2026-12-24"));
  const file = openMuteFile(
    path,
    logOf((severity, message) => said.push(`${severity} ${message}`)),
  );
  assert.equal(file.current().length, 1);
  writeFileSync(path, entry("2026-12-24") + entry("2026-12-25"));
  assert.equal(file.current().length, 2);
  writeFileSync(path, "tonight, all night, whatever happens\n");
  assert.equal(file.current().length, 2);
  rmSync(path);
  assert.equal(file.current().length, 2);
  assert.equal(file.current().length, 2);
  assert.equal(said.length, 3);
  assert.match(said[1]!, /^WARNING .*line 1: expected .*what it held before stays in force$/);
  assert.match(said[2]!, /not there; what it held before/);
});

test("a file that is not there at the start is refused", () =>
  assert.throws(
    () =>
      openMuteFile(
        `${folder}/none`,
        logOf(() => {}),
      ),
    { kind: "usage" },
  ));
