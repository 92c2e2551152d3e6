import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runShell } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";

const folder = scratchFolder();
const called = join(folder, "called");
// Stands before any other; without --run nothing is called at all.
writeFileSync(join(folder, "gcloud"), `#!/bin/sh\ntouch '${called}'\n`);
chmodSync(join(folder, "gcloud"), 0o755);
const deploy = (args: string) =>
  runShell(`scripts/deploy-functions.sh ${args}`, {
    env: {
      PATH: `${folder}:${process.env["PATH"]}`,
      SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/SECRET",
      MEETUP_API_KEY: "SECRET",
    },
  });

test("without --run the commands are printed and none is run; no secret is among them", async () => {
  const { code, out, err } = await deploy(
    "--project my-project --bucket my-bucket --groups 1,2 --api https://api.example.com/x",
  );
  assert.equal(code, 0);
  assert.match(err, /nothing was run; --run runs these commands/);
  assert.ok(!existsSync(called));
  assert.ok(!out.includes("SECRET"));
  for (const target of ["save_stream_data", "save_member_data", "save_group_data", "report_slack"]) {
    assert.match(
      out,
      new RegExp(`^gcloud functions deploy ${target.replaceAll("_", "-")} .*--entry-point=${target} `, "m"),
    );
  }
  assert.equal(out.match(/--no-allow-unauthenticated/g)?.length, 3);
  assert.ok(!out.includes(" --allow-unauthenticated"));
  assert.match(
    out,
    /logging sinks create .*severity>=ERROR AND NOT resource\.labels\.service_name="report-slack"/,
  );
  assert.match(out, /logging sinks create .*\/logs\/Script-Monitor" AND severity<ERROR/);
  assert.match(
    out,
    /^printf %s "\$SLACK_WEBHOOK_URL" \| gcloud secrets create slack-webhook .*--data-file=-/m,
  );
  assert.equal(out.match(/--set-env-vars=RSVPULSE_API=https:\/\/api\.example\.com\/x /g)?.length, 2);
  assert.match(out, /scheduler jobs create http .*group_id=1,2&collection=groups/);
});

test("what is printed is shell that can be pasted", async () => {
  const { code, err } = await runShell(
    "scripts/deploy-functions.sh --project my-project --bucket my-bucket 2>/dev/null | bash -n",
  );
  assert.equal(code, 0, err);
});

test("what is wrong with its words is told, and nothing is printed or run", async () => {
  for (const [args, words] of [
    ["--bucket my-bucket", /--project: expected a project's id/],
    ["--project my-project", /--bucket: expected a bucket's name/],
    ["--project my-project --bucket b-1 --groups a", /--groups: expected numbers/],
    [
      `--project my-project --bucket b-1 --groups ${Array.from({ length: 201 }, (_, i) => i + 1)}`,
      /--groups: expected 200 numbers at most/,
    ],
    ["--project 'my-project; ls' --bucket b-1", /--project: expected a project's id/],
    ["--project my-project --bucket b-1 --api https://x/?key=1", /--api: expected an address of https/],
    ["--runn", /unknown option --runn/],
  ] as const) {
    const { code, out, err } = await deploy(args);
    assert.equal(code, 64, args);
    assert.match(err, words);
    assert.equal(out, "");
  }
  assert.ok(!existsSync(called));
});

test("with --run a schedule that is there is brought up to date; one that is not is made", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const calls = join(folder, "calls");
  writeFileSync(join(bin, "node"), "#!/bin/sh\n");
  writeFileSync(
    join(bin, "gcloud"),
    `#!/bin/sh\necho "$*" >>'${calls}'\ncase "$*" in *"jobs describe"*) exit "$NONE";; esac\n`,
  );
  for (const name of ["node", "gcloud"]) chmodSync(join(bin, name), 0o755);
  for (const [none, verb, other] of [
    ["0", "update", "create"],
    ["1", "create", "update"],
  ] as const) {
    rmSync(calls, { force: true });
    const groups = Array.from({ length: 200 }, (_, i) => i + 1).join(",");
    const { code, err } = await runShell(
      `scripts/deploy-functions.sh --project my-project --bucket my-bucket --groups ${groups} --run`,
      { env: { PATH: `${bin}:${process.env["PATH"]}`, NONE: none } },
    );
    assert.equal(code, 0, err);
    const told = readFileSync(calls, "utf8");
    assert.match(
      told,
      new RegExp(`^scheduler jobs ${verb} http rsvpulse-groups .*group_id=1,2,.*,200&`, "m"),
    );
    assert.doesNotMatch(told, new RegExp(`^scheduler jobs ${other} `, "m"));
  }
});
