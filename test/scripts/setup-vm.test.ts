import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, runShell } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";

const folder = scratchFolder();
const setup = (args: string) => runShell(`scripts/setup-vm.sh ${args}`);
const traces = ["/opt/rsvpulse", "/etc/rsvpulse", "/var/lib/rsvpulse"];
const stateOf = () => traces.map((path) => (existsSync(path) ? statSync(path).mtimeMs : undefined));

test("a dry run prints every step, in order, and does none", async () => {
  const before = stateOf();
  const { code, out } = await setup('--dry-run --from https://example.com/r.git --restart -- --keep "90 d"');
  assert.equal(code, 0);
  const steps = [
    /git clone --quiet --no-hardlinks https:\/\/example\.com\/r\.git \/opt\/rsvpulse/,
    /chown -Rh root:root \/opt\/rsvpulse/,
    /chmod -R a\+rX\\,go-w \/opt\/rsvpulse/,
    /runuser -u rsvpulse-build .*\/opt\/rsvpulse\.build\/code\/scripts\/setup\.sh/,
    /mv \/opt\/rsvpulse\/\.new\/dist \/opt\/rsvpulse\/dist/,
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

/** What stands below a folder, with the folder itself. */
const treeOf = (path: string) => [
  path,
  ...readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name)),
];

/** Runs a function of the script between folders and users of the test's own; what it sets up first is `before`. */
const within = (folder: string, steps: string) =>
  runShell(
    `. <(sed '/^main "/,$d' scripts/setup-vm.sh); trap clean_up EXIT; umask 022
     user=daemon builder=games code='${folder}/code' build='${folder}/build' home='${folder}' from='${folder}/from'
     ${steps}`,
  );

test("a build gets a copy: no script of it can write to the code or its repository, nor does one that fails change them", {
  skip: process.getuid?.() !== 0,
}, async () => {
  chmodSync(folder, 0o755);
  const made = await within(
    folder,
    `mkdir -p "$from/scripts"; cd "$from"; git init -q; umask 000
         cat >scripts/setup.sh <<'END'
#!/bin/sh
cd "$(dirname "$0")/.." || exit 1
mkdir -p node_modules dist; id -un >dist/by; cp words dist/words; chmod 4777 dist/by
echo hook >'${folder}/code/.git/hooks/post-merge' || echo x >>'${folder}/code/scripts/setup.sh' || ls .git || exit "$(cat ends)"
END
         chmod 777 scripts/setup.sh; echo first >words; echo 0 >ends
         commit() { git -c user.name=a -c user.email=a@example.com add -A; git -c user.name=a -c user.email=a@example.com commit -qm x; }
         commit; umask 077; install_code
         echo second >words; commit; install_code
         echo third >words; echo 3 >ends; commit; install_code`,
  );
  assert.equal(made.code, 3, made.err);
  const files = treeOf(join(folder, "code"));
  for (const path of files) {
    const { uid, mode } = statSync(path);
    assert.deepEqual([uid, mode & 0o6022], [0, 0], path);
    if (!path.includes(".git")) assert.equal(mode & 0o004, 0o004, path);
  }
  assert.ok(!existsSync(join(folder, "code/.git/hooks/post-merge")));
  assert.ok(!existsSync(join(folder, "build")));
  const { out } = await runShell(`cat '${folder}'/code/dist/* '${folder}/code/words'`);
  assert.equal(out, "games\nsecond\nthird\n");
});

test("from within root's tmux, the session of the collector's user is made and found", {
  skip: process.getuid?.() !== 0,
}, async () => {
  const { code, out, err } = await within(
    folder,
    `chmod 755 '${folder}'; session=test-$$; export TMUX='${folder}/none,1,0' TMUX_PANE=%0 TMUX_TMPDIR='${folder}/none'
     session_state; act_as_user tmux new-session -d -s "$session" 'sleep 60'; session_state
     act_as_user tmux kill-session -t "=$session"; session_state`,
  );
  assert.deepEqual([code, out], [0, "running\n"], err);
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
