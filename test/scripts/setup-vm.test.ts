import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { test } from "node:test";
import { ROOT, runShell } from "../support/run-tool.ts";

const setup = (args: string) => runShell(`scripts/setup-vm.sh ${args}`);
const traces = ["/opt/rsvpulse", "/etc/rsvpulse", "/var/lib/rsvpulse"];
const stateOf = () => traces.map((path) => (existsSync(path) ? statSync(path).mtimeMs : undefined));

test("a dry run prints every step, in order, and does none", async () => {
  const before = stateOf();
  const { code, out } = await setup('--dry-run --from https://example.com/r.git --restart -- --keep "90 d"');
  assert.equal(code, 0);
  const steps = [
    /git clone --quiet --no-hardlinks https:\/\/example\.com\/r\.git \/opt\/rsvpulse/,
    /chown -R rsvpulse:rsvpulse \/opt\/rsvpulse/,
    /runuser -u rsvpulse .*\/opt\/rsvpulse\/scripts\/setup\.sh/,
    /chown -R root:root \/opt\/rsvpulse/,
    /install .* -m 0640 .*\/etc\/rsvpulse\/secrets\.env/,
    /tmux start-server .*remain-on-exit on .*new-session -d -s meetup .*bin\/collect/,
  ];
  let from = 0;
  for (const step of steps) {
    const at = out.slice(from).search(step);
    assert.ok(at >= 0, `${step} in ${out}`);
    from += at;
  }
  assert.deepEqual(stateOf(), before);
});

test("with --systemd the service is installed in place of the session", async () => {
  const { code, out } = await setup("--dry-run --systemd --redis");
  assert.equal(code, 0);
  assert.match(out, /install -m 0644 .*rsvpulse-collect\.service \/etc\/systemd\/system\//);
  assert.match(out, /systemctl enable --now rsvpulse-collect\.service/);
  assert.ok(!out.includes("tmux new-session"));
});

test("what is wrong with its words is told before anything is done", async () => {
  for (const [args, words] of [
    ["--dry-rum", /unknown option --dry-rum; --help lists them/],
    ["--from", /--from: expected a value/],
    ["--dry-run --node twenty", /--node: expected a number/],
    ["--dry-run --systemd -- --x", /settings come from the config file alone/],
  ] as const) {
    const { code, out, err } = await setup(args);
    assert.equal(code, 64, args);
    assert.match(err, words);
    assert.equal(out, "");
  }
});

test("its help is the comment at its head", async () => {
  const { code, out } = await setup("--help");
  assert.equal(code, 0);
  assert.match(out, /^From a bare Debian 12 machine to a running collector\./);
  assert.ok(!out.includes("set -e"), out);
  assert.ok(existsSync(`${ROOT}/examples/rsvpulse-collect.service`));
});
