import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { startCollect, startSimulate, writeConfig } from "../support/collector.ts";
import { httpServer } from "../support/http-server.ts";
import { meetupApi } from "../support/meetup-api.ts";
import { ROOT } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { SECRET_PATH, slackServer, textsOf } from "../support/slack-server.ts";
import { until } from "../support/until.ts";

const shared = scratchFolder();
const { url } = await startSimulate(shared, ["--rate", "40"]);
let made = 0;

/** A folder of a test's own, and the environment of a collector in it. */
function setting() {
  const folder = `${shared}/${++made}`;
  mkdirSync(folder);
  return { folder, env: { XDG_STATE_HOME: `${folder}/state` } };
}

const rsvps = { source: "meetup-rsvps", url: `${url}/2/rsvps` };
const photos = { source: "meetup-photos", url: `${url}/2/photos` };
const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

/** A stream that answers each request so. */
const answering = async (status: number) =>
  (await httpServer((_request, response) => void response.writeHead(status).end())).url;

test("one that does not let us in stays down, one that is away is tried again, and the others go on", async () => {
  const { folder, env } = setting();
  const config = writeConfig(folder, {
    archive: { to: `${folder}/archive` },
    streams: [
      rsvps,
      { source: "meetup-photos", url: await answering(403) },
      { source: "meetup-open-events", url: await answering(404) },
    ],
  });
  const running = startCollect(config, [], { env });
  await until(
    "the one that is there is archived",
    () => namesIn(`${folder}/archive/meetup-rsvps`).length > 5,
  );
  await until("one is tried again", () => (running.err().match(/started again in/g) ?? []).length > 1);
  running.child.kill("SIGTERM");
  const { code, err } = await running.ended;
  assert.equal(code, 0, err);
  assert.equal(err.match(/meetup-photos: .*403.*it stays down until that is mended/g)?.length, 1);
  assert.match(err, /meetup-open-events: .*404.*started again in/);
  assert.match(err, /^collect: (\d+) events = \1 archived$/m);
});

test("when all are down it ends with their code", async () => {
  const { folder, env } = setting();
  const streams = [{ source: "meetup-photos", url: await answering(403) }];
  const config = writeConfig(folder, { archive: { to: `${folder}/archive` }, streams });
  const { code, err } = await startCollect(config, [], { env }).ended;
  assert.equal(code, 77, err);
  assert.match(err, /no stream is left; the first to go down: .*403/);
});

test("a next run goes on where the one before had got to, and two do not run on one state", async () => {
  const { folder, env } = setting();
  const config = writeConfig(folder, { archive: { to: `${folder}/archive` }, streams: [rsvps] });
  const archived = () => namesIn(`${folder}/archive/meetup-rsvps`).length;
  const first = startCollect(config, [], { env });
  await until("some are archived", () => archived() > 5);
  const second = await startCollect(config, [], { env }).ended;
  assert.equal(second.code, 69, second.err);
  assert.match(second.err, /\(pid \d+\) collects already/);
  first.child.kill("SIGKILL");
  await first.ended;
  const next = startCollect(config, [], { env });
  await until("it goes on", () => next.err().includes("going on where an earlier run had got to"));
  const before = archived();
  await until("more are archived", () => archived() > before + 5);
  next.child.kill("SIGINT");
  const { code, err } = await next.ended;
  assert.equal(code, 0, err);
  assert.match(err, /already there/);
});

test("in batches, each message that came before a kill is there after the next run", async () => {
  const { folder, env } = setting();
  const config = writeConfig(folder, {
    archive: { to: `${folder}/archive`, batch: "64MB/1h" },
    streams: [rsvps],
  });
  const first = startCollect(config, [], { env });
  await until("some are in the journal", () => namesIn(`${folder}/archive/.open`).length > 0);
  await until("a place was written", () => readPlaces(`${folder}/state`).includes("passed"));
  first.child.kill("SIGKILL");
  await first.ended;
  const next = startCollect(config, [], { env });
  await until("it was recovered", () => next.err().includes("that a killed run left open are a batch now"));
  await until("it goes on", () => next.err().includes("going on where an earlier run had got to"));
  await until("more are in the journal", () => namesIn(`${folder}/archive/.open`).length > 0);
  next.child.kill("SIGTERM");
  assert.equal((await next.ended).code, 0);
  assert.equal(namesIn(`${folder}/archive/meetup-rsvps`).length, 2);
});

const readPlaces = (state: string): string => {
  const base = `${state}/rsvpulse/collect`;
  return namesIn(base)
    .map((name) => `${base}/${name}/places.json`)
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8"))
    .join();
};

test("Slack is told that it lives, what it saved and what went wrong; the dead man's switch is asked for", async () => {
  const { folder, env } = setting();
  const slack = await slackServer();
  let pings = 0;
  const dog = await httpServer((_request, response) => void response.writeHead(++pings && 200).end("ok"));
  const config = writeConfig(folder, {
    archive: { to: `${folder}/archive` },
    streams: [rsvps, { source: "meetup-photos", url: await answering(401) }],
  });
  const args = ["--heartbeat", "3s", "--ping", `${dog.url}/check`];
  const running = startCollect(config, args, { env: { ...env, SLACK_WEBHOOK_URL: slack.url } });
  const texts = () =>
    slack
      .taken()
      .flatMap((payload) => [payload.text ?? "", ...textsOf(payload)])
      .join("\n");
  await until("it has said so twice", () => / lives: for [\s\S]* lives: for /.test(texts()));
  running.child.kill("SIGTERM");
  const { code, err } = await running.ended;
  assert.equal(code, 0, err);
  assert.match(texts(), /has started\n• meetup-rsvps: begins with what is live/);
  assert.match(
    texts(),
    /lives: for .* archived\n• meetup-rsvps: \d+ kept, newest .* s old\n• meetup-photos: 0 kept, .*DOWN: /,
  );
  assert.match(texts(), /meetup-photos: .*401.*stays down/, "errors go to Slack");
  assert.equal(pings, 1);
  assert.doesNotMatch(err, new RegExp(SECRET_PATH));
});

test("a full run is checked line by line, and leaves nothing", async () => {
  const { folder, env } = setting();
  const api = (await meetupApi()).url.href;
  const config = writeConfig(folder, {
    archive: { to: `${folder}/archive` },
    profiles: { to: `${folder}/people`, api },
    streams: [rsvps, photos],
  });
  const good = await startCollect(config, ["--check"], { env }).ended;
  assert.equal(good.code, 0, good.err);
  assert.deepEqual(
    good.out
      .trimEnd()
      .split("\n")
      .map((line) => line.split(":", 1)[0])
      .sort(),
    ["config", "archive", "documents", "profiles", "meetup-rsvps", "meetup-photos", "slack"]
      .map((what) => `ok   ${what}`)
      .sort(),
  );
  assert.deepEqual(readdirSync(`${folder}/archive`), []);
});

test("what is bad is told with the rest, and the gravest is the code", async () => {
  const { folder, env } = setting();
  const streams = [rsvps, { ...photos, url: await answering(403) }];
  const config = writeConfig(folder, { archive: { to: `${folder}/archive` }, streams });
  const refused = await startCollect(config, ["--check"], { env }).ended;
  assert.equal(refused.code, 77, refused.err);
  assert.match(refused.out, /^BAD {2}meetup-photos: .*403/m);
  assert.match(refused.out, /^ok {3}meetup-rsvps: .*first bytes after/m);
  const noWebhook = await startCollect(config, ["--check", "--heartbeat", "6h"], { env }).ended;
  assert.equal(noWebhook.code, 78, noWebhook.err);
  const away = writeConfig(folder, {
    archive: { to: `${folder}/archive` },
    streams: [{ ...photos, url: "http://127.0.0.1:1/" }],
  });
  const unreachable = await startCollect(away, ["--check"], { env }).ended;
  assert.equal(unreachable.code, 69, unreachable.err);
});

test("the example is accepted, with simulate in its place", async () => {
  const { folder, env } = setting();
  const example = readFileSync(`${ROOT}/rsvpulse.config.example.json`, "utf8");
  const path = `${folder}/rsvpulse.config.json`;
  writeFileSync(path, example.replaceAll("http://127.0.0.1:8181", url));
  const slack = await slackServer();
  const running = startCollect(path, ["--check"], {
    env: { ...env, SLACK_WEBHOOK_URL: slack.url },
    cwd: folder,
  });
  const { code, out, err } = await running.ended;
  assert.equal(code, 0, out + err);
  assert.equal(out.match(/^ok {3}meetup-/gm)?.length, 5);
  assert.equal(slack.requests.length, 0);
});

test("a folder that takes nothing ends it with one line and 77, and no place moves on", async () => {
  const { folder, env } = setting();
  const config = writeConfig(folder, { archive: { to: "/proc/archive" }, streams: [rsvps] });
  const { code, err } = await startCollect(config, [], { env }).ended;
  assert.ok(code === 77 || code === 73, `${code}: ${err}`);
  assert.match(err, /collect: \/proc\/archive/);
});
