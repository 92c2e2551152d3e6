import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readStory } from "../../src/simulate/story-sources.ts";
import { STREAM_NAMES, type StreamName, type WorldSettings } from "../../src/simulate/world.ts";
import { fiveStreams, sourceOf, startCollect, startSimulate, writeConfig } from "../support/collector.ts";
import { type GcsServer, gcsServer } from "../support/gcs-server.ts";
import { meetupApi } from "../support/meetup-api.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { linesOf, plainWorld, type SentLine } from "../support/world-lines.ts";

/**
 * Ten seconds, in which as much goes wrong as in an hour, stand for the hour: simulate goes by the clock. bench/collect.mjs
 * takes as long as one likes.
 */
const RATE = 16;
const LIVE_MS = 10_000;
/** All connections break now and then; at last nothing is made any more, so that the end can be compared. */
const STORY = `2s:cut,5s:cut,8s:cut,${LIVE_MS / 1000}s:silence`;
const KILLS = 5;
/** What is dated so long before it is sent cannot be asked for by its time: it comes once, or never (`simulate`, Wish). */
const ASKED_BACK_MS = 50_000;

const folder = scratchFolder();

/** What each stream sends, by the settings that simulate was started with. */
function sentBy(settings: WorldSettings): Map<StreamName, SentLine[]> {
  return new Map(
    STREAM_NAMES.map((stream) => [stream, linesOf(settings, { span: LIVE_MS + 60_000, stream })]),
  );
}

/** How often each message of a stream is in the archive, and under which names. */
function archivedOf({ objects }: GcsServer, stream: StreamName): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, bytes] of objects) {
    if (!name.startsWith(`${sourceOf(stream)}/`)) continue;
    const text = bytes.toString("utf8");
    found.set(text, [...(found.get(text) ?? []), name]);
  }
  return found;
}

const idsIn = (lines: readonly SentLine[]) => {
  const members = new Set<number>();
  const groups = new Set<number>();
  for (const { bytes, mtime } of lines) {
    if (mtime === undefined) continue;
    const { member, group, photo_album } = JSON.parse(bytes.toString("utf8")) as {
      member?: { member_id?: number };
      group?: { group_id?: number; id?: number };
      photo_album?: { group?: { id?: number } };
    };
    const groupId = group?.group_id ?? group?.id ?? photo_album?.group?.id;
    if (member?.member_id !== undefined) members.add(member.member_id);
    if (groupId !== undefined) groups.add(groupId);
  }
  return { members, groups };
};

const documentIds = (kind: string) =>
  new Set(readdirSync(`${folder}/people/${kind}`).map((name) => Number(/^m(\d+)\.json$/.exec(name)![1])));

test("five streams that are cut, a bucket and an API that fail one call in five, five kills: nothing is lost", async () => {
  const settings = { ...plainWorld, rate: RATE, start: Date.now(), story: readStory(STORY) };
  const sent = sentBy(settings);
  const bucket = await gcsServer();
  // No pattern that a number of requests for each object could fall in step with.
  bucket.mishaps((index) => ((index * 7919) % 101 < 20 ? { status: 503 } : undefined));
  const api = await meetupApi({
    instead({ number }, response) {
      if (number % 5 !== 4) return undefined;
      response.statusCode = 503;
      response.end("not now");
      return "done";
    },
  });
  const start = new Date(settings.start).toISOString();
  const { tool: simulate, url } = await startSimulate(folder, [
    ...["--rate", String(RATE), "--seed", settings.seed, "--start", start, "--story", STORY],
  ]);
  const config = writeConfig(folder, {
    streams: fiveStreams(url),
    archive: { to: "gs://bucket" },
    profiles: { to: `${folder}/people`, api: api.url.href },
  });
  const env = { ...bucket.env, XDG_STATE_HOME: `${folder}/state`, MEETUP_API_KEY: "key-of-the-test" };

  for (let kill = 0; kill < KILLS; kill++) {
    const before = bucket.objects.size;
    const running = startCollect(config, [], { env });
    await until("it has archived some more", () => bucket.objects.size > before + 9);
    running.child.kill("SIGKILL");
    assert.equal((await running.ended).signal, "SIGKILL");
  }

  const running = startCollect(config, [], { env });
  const due = (stream: StreamName) =>
    sent
      .get(stream)!
      .filter(({ mtime, at }) => mtime !== undefined && mtime > settings.start + at - ASKED_BACK_MS);
  const missing = () =>
    STREAM_NAMES.flatMap((stream) => {
      const archived = archivedOf(bucket, stream);
      return due(stream).filter(({ bytes }) => !archived.has(bytes.toString("utf8").trimEnd()));
    });
  await until("every message is archived", () => missing().length === 0, 60);
  const everyone = idsIn([...sent.values()].flat());
  const seen = idsIn(STREAM_NAMES.flatMap(due));
  const isSubset = (some: Set<number>, all: Set<number>) => [...some].every((id) => all.has(id));
  await until(
    "everybody has a document",
    () => isSubset(seen.members, documentIds("members")) && isSubset(seen.groups, documentIds("groups")),
    60,
  );
  running.child.kill("SIGTERM");
  const stopped = performance.now();
  const { code, err } = await running.ended;
  assert.equal(code, 0, err);
  assert.ok(performance.now() - stopped < 5000, "it ends within five seconds");
  simulate.child.kill("SIGTERM");
  await simulate.ended;

  // Byte for byte what the server sent, each once, under a name that tells its id and second and that none other took.
  for (const stream of STREAM_NAMES) {
    const known = new Set(sent.get(stream)!.map(({ bytes }) => bytes.toString("utf8").trimEnd()));
    for (const [text, names] of archivedOf(bucket, stream)) {
      assert.ok(known.has(text), `${names}: expected a message that was sent`);
      assert.equal(names.length, 1, `${names}: one message, one name`);
    }
  }
  assert.ok(STREAM_NAMES.every((stream) => due(stream).length > 0));
  // Documents: those who were seen, whole, and nobody else.
  for (const kind of ["members", "groups"] as const) {
    assert.ok(isSubset(documentIds(kind), everyone[kind]), kind);
    for (const id of documentIds(kind)) {
      const text = readFileSync(`${folder}/people/${kind}/m${id}.json`, "utf8");
      assert.equal((JSON.parse(text) as { id: number }).id, id);
      assert.doesNotMatch(text, /key-of-the-test/);
    }
  }
  assert.deepEqual(
    api.requests.filter(({ status }) => status === 429),
    [],
    "within the rate limit",
  );
  assert.ok(api.requests.some(({ status }) => status === 503));
  const answered = api.requests
    .filter(({ status }) => status === 200)
    .flatMap(({ kind, ids }) => ids.map((id) => `${kind} ${id}`));
  // What was in flight at a kill is asked for again, and nothing else.
  const repeats = answered.length - new Set(answered).size;
  assert.ok(repeats <= KILLS * 200, `${repeats} asked for again`);
});
