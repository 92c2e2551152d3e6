import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import { Passing } from "../../src/core/retry.ts";
import type { DocumentStore } from "../../src/profiles/document-store.ts";
import { sumOf } from "../../src/profiles/profile-counts.ts";
import { profiler } from "../../src/profiles/profiler.ts";
import { folderDocuments } from "../../src/sinks/documents/folder.ts";
import { openIdFile } from "../../src/sinks/documents/id-file.ts";
import { meetupRest } from "../../src/sources/meetup-rest/client.ts";
import { filesOf, groupId, type Instead, meetupApi, memberIds } from "../support/meetup-api.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const scratch = scratchFolder();

interface Around {
  readonly folder?: string;
  readonly instead?: Instead;
  readonly giveUp?: number;
  readonly waitingMax?: number;
  readonly bend?: (store: DocumentStore) => DocumentStore;
}

/** A profiler between real sockets and a real folder; failures are tried again at once. */
async function setting({
  folder = mkdtempSync(join(scratch, "people-")),
  instead,
  giveUp = 20,
  waitingMax,
  bend = (store) => store,
}: Around = {}) {
  const server = await meetupApi(instead === undefined ? {} : { instead });
  const ids = await openIdFile(`${folder}/.profiles`, { refresh: 86_400, clock: systemClock });
  const source = await meetupRest({
    api: server.url,
    key: undefined,
    redact: [],
    clock: systemClock,
    allowance: ids.allowance,
  });
  const stop = new AbortController();
  const told: string[] = [];
  const work = profiler({
    source,
    store: bend(await folderDocuments(folder)),
    ids,
    clock: systemClock,
    random: () => 0,
    log: logOf((severity, message) => told.push(`${severity} ${message}`)),
    stop: stop.signal,
    giveUp,
    ...(waitingMax !== undefined && { waitingMax }),
  });
  const push = (members: readonly number[], groups: readonly number[] = []) => {
    for (const member of members) work.push({ member, group: undefined });
    for (const group of groups) work.push({ member: undefined, group });
    work.flush();
  };
  const end = async () => {
    await source.close();
    ids.close();
  };
  const names = (collection: string) => readdirSync(`${folder}/${collection}`).sort();
  return { ...server, folder, work, push, stop, told, end, names };
}

/** Every fifth batch fails, every second of those after it was stored. */
function failingNowAndThen(store: DocumentStore): DocumentStore {
  let calls = 0;
  return {
    ...store,
    async merge(documents) {
      const call = ++calls;
      if (call % 10 === 5) throw new Passing("it answers ABORTED");
      const refused = await store.merge(documents);
      if (call % 10 === 0) throw new Passing("it answers UNAVAILABLE");
      return refused;
    },
  };
}

test("each id has one document, though the store fails one call in five and the API one in six", async () => {
  const { work, push, names, requests, end } = await setting({
    bend: failingNowAndThen,
    instead: ({ number }, response) => {
      if (number % 6 !== 3) return undefined;
      if (number % 12 === 3) return "cut";
      response.writeHead(503).end();
      return "done";
    },
  });
  const members = memberIds(1500);
  const groups = Array.from({ length: 300 }, (_, i) => groupId(i));
  push(members, groups);
  push(members, groups);
  await work.drain();
  assert.deepEqual(names("members"), filesOf(members));
  assert.deepEqual(names("groups"), filesOf(groups));
  const { seen, stored, repeats, waiting } = sumOf(work.counts());
  assert.deepEqual([seen, stored, repeats, waiting], [3600, 1800, 1800, 0]);
  assert.ok(requests.every(({ status }) => status !== 429));
  await end();
});

test("whom the API does not know has no document, and is not asked for again, nor is anybody after a restart", async () => {
  const first = await setting();
  first.push([1, 2, ...memberIds(3)], [7]);
  await first.work.drain();
  await first.end();
  assert.deepEqual(first.names("members"), filesOf(memberIds(3)));
  assert.deepEqual(sumOf(first.work.counts()).unknown, 3);

  const second = await setting({ folder: first.folder });
  second.push([1, 2, ...memberIds(4)], [7]);
  await second.work.drain();
  await second.end();
  assert.deepEqual(
    second.requests.map(({ kind, ids }) => [kind, ids]),
    [["members", [8_000_003]]],
  );
});

test("what waits when it is told to stop is asked for by the next run", async () => {
  const first = await setting({
    instead: (_, response) => {
      response.writeHead(503, { "retry-after": "600" }).end();
      return "done";
    },
  });
  first.push(memberIds(300));
  await until("it has asked", () => first.requests.length > 0);
  first.stop.abort();
  await first.work.drain();
  assert.equal(sumOf(first.work.counts()).waiting, 300);
  await first.end();

  const second = await setting({ folder: first.folder });
  await second.work.drain();
  await second.end();
  assert.deepEqual(second.names("members"), filesOf(memberIds(300)));
  const { before, stored } = sumOf(second.work.counts());
  assert.deepEqual([before, stored], [300, 300]);
});

test("a request that is answered within three seconds of the stop is not made again", async () => {
  let answer: (() => void) | undefined;
  const first = await setting({
    instead: (_, response) => {
      answer = () => response.end(JSON.stringify({ results: [{ id: 8_000_000 }] }));
      return "done";
    },
  });
  first.push(memberIds(200));
  await until("it has asked", () => answer !== undefined);
  first.stop.abort();
  answer?.();
  await first.work.drain();
  await first.end();
  assert.deepEqual([sumOf(first.work.counts()).stored, sumOf(first.work.counts()).waiting], [1, 0]);
});

test("two hundred ids are asked for at once, without an end of the input", async () => {
  const { work, push, requests, end, stop } = await setting();
  push(memberIds(150));
  push(memberIds(200));
  await until("they are stored", () => work.counts().members.stored === 200);
  assert.deepEqual(
    requests.map(({ ids }) => ids.length),
    [200],
  );
  stop.abort();
  await work.drain();
  await end();
});

test("with too many ids the input is held back until some were asked for, and that is told", async () => {
  let isOpen = false;
  const { work, push, told, end } = await setting({
    waitingMax: 250,
    instead: (_, response) => {
      if (isOpen) return undefined;
      response.writeHead(503).end();
      return "done";
    },
  });
  push(memberIds(250));
  assert.equal(work.room(), undefined);
  push(memberIds(251));
  const room = work.room();
  assert.ok(room !== undefined);
  assert.ok(told.some((line) => line.startsWith("WARNING the input waits for us, and we for Meetup's API")));
  isOpen = true;
  await room;
  assert.equal(work.room(), undefined);
  await work.drain();
  assert.equal(sumOf(work.counts()).stored, 251);
  await end();
});

test("at the end it goes on as long as there is progress, then gives up with what to know", async () => {
  const { work, push, end } = await setting({
    giveUp: 1,
    // As fast as it can be, so that no slow disk is taken for a lack of progress.
    bend: (store) => ({ ...store, merge: async () => [] }),
    instead: ({ number }, response) => {
      if (number < 2) return undefined;
      response.writeHead(500).end();
      return "done";
    },
  });
  push(memberIds(500));
  await assert.rejects(
    work.drain(),
    (error) =>
      error instanceof ToolError &&
      error.kind === "unavailable" &&
      /^gave up after 1 s without progress \(it answers 500\); 100 ids left, the next run asks for them$/.test(
        error.message,
      ),
  );
  await end();
});

test("an API that takes no key ends the work at once", async () => {
  const { work, push, end } = await setting({
    instead: (_, response) => {
      response.writeHead(401).end();
      return "done";
    },
  });
  push(memberIds(200));
  await until("it has failed", () => work.failed.aborted);
  assert.equal(work.room(), undefined);
  await assert.rejects(work.drain(), (error) => error instanceof ToolError && error.kind === "permission");
  await end();
});

test("a document that the store refuses is told and counted, and the others are stored", async () => {
  const { work, push, told, end } = await setting({
    bend: (store) => ({
      ...store,
      merge: async (documents) => [
        { document: documents[0]!, reason: "it is too large" },
        ...(await store.merge(documents.slice(1))),
      ],
    }),
  });
  push(memberIds(5));
  await work.drain();
  const { stored, refused } = sumOf(work.counts());
  assert.deepEqual([stored, refused], [4, 1]);
  assert.ok(told.some((line) => /^ERROR .*: refuses members m8000000: it is too large$/.test(line)));
  await end();
});

/** The API answers 400 to whoever asks for one of these. */
const refusing =
  (poison: (id: number) => boolean): Instead =>
  ({ url }, response) => {
    const ids = url.searchParams.get("member_id")?.split(",").map(Number) ?? [];
    if (!ids.some(poison)) return undefined;
    response.writeHead(400, { "x-ratelimit-remaining": "99", "x-ratelimit-reset": "9" }).end();
    return "done";
  };

test("ids that the API refuses are found by halving, told and settled; the others are stored", async () => {
  const poison = new Set([8_000_000, 8_000_007]);
  const first = await setting({ instead: refusing((id) => poison.has(id)) });
  first.push(memberIds(16));
  await first.work.drain();
  await first.end();
  const { stored, unknown, refused, waiting } = sumOf(first.work.counts());
  assert.deepEqual([stored, unknown, refused, waiting], [14, 0, 2, 0]);
  assert.deepEqual(first.names("members"), filesOf(memberIds(16).filter((id) => !poison.has(id))));
  for (const id of poison) {
    const words = `: refuses members m${id}: it answers 400 to a request for it alone`;
    assert.ok(first.told.some((line) => line.startsWith("ERROR Meetup's API") && line.endsWith(words)));
  }

  const second = await setting({ folder: first.folder });
  second.push(memberIds(16));
  await second.work.drain();
  await second.end();
  assert.equal(second.requests.length, 0);
});

test("one id alone that the API refuses is told and settled", async () => {
  const { work, push, end } = await setting({ instead: refusing(() => true) });
  push([5]);
  await work.drain();
  await end();
  assert.deepEqual([sumOf(work.counts()).refused, sumOf(work.counts()).waiting], [1, 0]);
});

test("an API that refuses one id after another ends the work, and all ids are left for the next run", async () => {
  const { work, push, end } = await setting({ instead: refusing(() => true) });
  push(memberIds(20));
  await assert.rejects(work.drain(), { kind: "configuration", message: /answers 400: .*--api/ });
  await end();
  assert.equal(sumOf(work.counts()).waiting, 20);
});
