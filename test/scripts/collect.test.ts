import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { after, test } from "node:test";
import { startSimulate } from "../support/collector.ts";
import { meetupApi } from "../support/meetup-api.ts";
import { ROOT, runShell, startCommand } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();
const SCRIPT = `${ROOT}/scripts/collect.sh`;
const env = { XDG_STATE_HOME: `${folder}/state` };
const countIn = (path: string) => (existsSync(path) ? readdirSync(path).length : 0);

test("collect.sh keeps each stream by pipes of its own, tries one that is away again, and ends in order", async () => {
  const { url } = await startSimulate(folder, ["--rate", "40"]);
  const api = (await meetupApi()).url.href;
  const sources = [
    `meetup-rsvps=${url}/2/rsvps`,
    `meetup-photos=${url}/2/photos`,
    "meetup-open-events=http://127.0.0.1:1/",
  ];
  const args = ["--to", `${folder}/archive`, "--people", `${folder}/people`, "--api", api];
  const running = startCommand(SCRIPT, [...args, ...sources.flatMap((source) => ["--source", source])], {
    env,
    input: "",
  });
  after(() => running.child.kill("SIGKILL"));
  await until(
    "both that are there are kept",
    () => countIn(`${folder}/archive/meetup-rsvps`) > 5 && countIn(`${folder}/archive/meetup-photos`) > 0,
  );
  await until("one is tried again", () =>
    /meetup-open-events: the pipe has ended with 69; started again/.test(running.err()),
  );
  running.child.kill("SIGTERM");
  const { code, err } = await running.ended;
  assert.equal(code, 0, err);
  const counts = [...err.matchAll(/^(ingest|archive): \d+ read = (\d+) (?:events|archived)/gm)];
  const sum = (tool: string) =>
    counts.reduce((all, [, name, count]) => all + (name === tool ? Number(count) : 0), 0);
  assert.ok(sum("ingest") > 0);
  assert.equal(sum("archive"), sum("ingest"), "what the sources gave is kept");
  assert.equal(
    countIn(`${folder}/archive/meetup-rsvps`) + countIn(`${folder}/archive/meetup-photos`),
    sum("ingest"),
  );
  assert.ok(countIn(`${folder}/people/members`) > 0, "ids that waited are asked for at the end");
});

test("collect.sh says what it is, and what is missing", async () => {
  const help = await runShell(`${SCRIPT} --help`, { env });
  assert.equal(help.code, 0);
  assert.match(help.out, /^What bin\/collect does, with plain pipes/);
  const nowhere = await runShell(SCRIPT, { env });
  assert.equal(nowhere.code, 64);
  assert.match(nowhere.err, /^collect\.sh: expected --to PLACE/);
  assert.equal((await runShell(`${SCRIPT} --too x`, { env })).code, 64);
});
