import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, runShell } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";

const folder = scratchFolder();
const unit = readFileSync(`${ROOT}/examples/rsvpulse-collect.service`, "utf8");
const isThere = spawnSync("systemd-analyze", ["--version"]).status === 0;
const skip = isThere ? false : "systemd-analyze is not installed (Debian: apt-get install systemd)";

/** The unit with programs that are on this machine, for systemd looks whether they are. */
const path = join(folder, "rsvpulse-collect.service");
writeFileSync(path, unit.replace(/^ExecStart=.*$/m, `ExecStart=${process.execPath} ${ROOT}/src/launch.cjs`));

test("systemd has no word to say against the unit", { skip }, async () => {
  const { code, out, err } = await runShell(`systemd-analyze verify --man=no ${path}`);
  // What it says of the machine's own units is not this one's.
  assert.equal(
    `${out}${err}`
      .split("\n")
      .filter((line) => line.includes("rsvpulse"))
      .join("\n"),
    "",
  );
  assert.equal(code, 0);
});

test("its exposure is at most 1.5 of 10 by systemd's own account", { skip }, async () => {
  const { code, out } = await runShell(
    `systemd-analyze security --offline=true --threshold=15 --no-pager ${path}`,
  );
  assert.match(out, /Overall exposure level for rsvpulse-collect\.service: 1\.\d OK/);
  assert.equal(code, 0);
});

test("it starts the collector as the user and in the folders that setup-vm.sh makes", () => {
  const script = readFileSync(`${ROOT}/scripts/setup-vm.sh`, "utf8");
  for (const [name, value] of [
    ["code", "/opt/rsvpulse"],
    ["settings", "/etc/rsvpulse"],
    ["home", "/var/lib/rsvpulse"],
    ["user", "rsvpulse"],
  ]) {
    assert.match(script, new RegExp(`^${name}=${value}$`, "m"));
  }
  assert.match(
    unit,
    /^ExecStart=\S+node \/opt\/rsvpulse\/bin\/collect --config \/etc\/rsvpulse\/rsvpulse\.config\.json$/m,
  );
  assert.match(unit, /^EnvironmentFile=-\/etc\/rsvpulse\/secrets\.env$/m);
  assert.match(unit, /^User=rsvpulse$/m);
  assert.match(unit, /^StateDirectory=rsvpulse$/m);
});
