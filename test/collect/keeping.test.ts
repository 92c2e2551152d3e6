import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings, type StreamSettings } from "../../src/collect/config.ts";
import { type KeepingOptions, keeping } from "../../src/collect/keeping.ts";
import { ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import type { Profiler } from "../../src/profiles/profiler.ts";
import { type ArchivedMessage, Archiver, type Keeper } from "../../src/sinks/objects/archiver.ts";
import { until } from "../support/until.ts";

const log = logOf(() => {});
const [settings] = readSettings({
  path: "x",
  fields: { archive: { to: "x" }, streams: [{ source: "meetup-rsvps" }] },
}).streams as readonly [StreamSettings];

/** What happened, in order; the archive keeps when it is told to. */
function recorded({ hasArchive = true, archiveRedact = [] as readonly string[] } = {}) {
  const done: string[] = [];
  const stored: string[] = [];
  let waiting: ArchivedMessage[] = [];
  const gate: { open: () => void; fail: (error: unknown) => void } = { open() {}, fail() {} };
  const keeper: Keeper = {
    bytes: 0,
    get messages() {
      return waiting.length;
    },
    push: (message) => waiting.push({ ...message, bytes: Buffer.from(message.bytes) }),
    async keep() {
      const taken = waiting;
      await new Promise<void>((resolve, reject) => {
        gate.open = resolve;
        gate.fail = reject;
      });
      waiting = waiting.slice(taken.length);
      for (const { label, id, bytes } of taken) stored.push(`${label}/${id} ${bytes}`);
      done.push(`archived ${taken.length}`);
      return { archived: taken.length, there: 0 };
    },
    async end() {},
  };
  const profiler = {
    push: ({ member, group }: { member: number | undefined; group: number | undefined }) =>
      done.push(`ids ${member} ${group}`),
    flush: () => done.push("flushed"),
    room: () => undefined,
  } as unknown as Profiler;
  const places: KeepingOptions["places"] = {
    placeOf: () => undefined,
    moved: (_stream, { place }) => done.push(`moved to ${place.passed}`),
    settle: () => done.push("settled"),
    close() {},
  };
  const kept = keeping({
    archiver: hasArchive ? (release) => new Archiver(keeper, { log, stored() {}, release }) : undefined,
    ...{ profiler, places, log, archiveRedact },
  });
  const stream = kept.stream(settings, { passed: undefined });
  const take = (t: number) =>
    stream.take({
      t,
      id: `r${t}`,
      cursor: String(t),
      message: Buffer.from(
        `{"mtime":${t},"member":{"member_id":${t + 1},"photo":"p"},"group":{"group_id":${t + 2}}}`,
      ),
    });
  return { done, stored, gate, kept, stream, take };
}

test("a place moves on only when the archive has what came before it, and the ids are kept", async () => {
  const { done, stored, gate, kept, stream, take } = recorded();
  take(1000);
  take(2000);
  take(3000);
  kept.send();
  await until("the archive is at work", () => kept.unkept === 3);
  kept.settle();
  assert.deepEqual(done, ["settled"], "nothing is done before the archive has them");
  gate.open();
  await until("they are kept", () => stream.kept === 3);
  assert.deepEqual(done.slice(1), [
    "archived 3",
    ...["ids 1001 1002", "ids 2001 2002", "ids 3001 3002", "flushed"],
    // The cut before the event that is the newest: that one comes again.
    "moved to 2000",
    "settled",
  ]);
  assert.match(stored[0]!, /^meetup-rsvps\/r1000 \{"mtime":1000,/);
  assert.equal(kept.unkept, 0);
});

test("what comes out of order does not move the place back", async () => {
  const { done, kept, take } = recorded({ hasArchive: false });
  for (const t of [5000, 9000, 1000, 8000]) take(t);
  kept.send();
  assert.equal(done.at(-2), "moved to 5000");
  take(2000);
  kept.send();
  assert.equal(done.at(-2), "moved to 5000");
});

test("an archive that fails ends it: no place moves, no id is kept, and drain says why", async () => {
  const { done, gate, kept, take } = recorded();
  take(1000);
  kept.send();
  gate.fail(new ToolError("io", "no space left on the disk"));
  await until("it has failed", () => kept.failed.aborted);
  kept.send();
  await assert.rejects(kept.drain(new AbortController().signal), /no space left/);
  assert.deepEqual(done, []);
});

test("what is to be hidden in the archive is known to profiles", async () => {
  const { done, stored, gate, kept, stream, take } = recorded({ archiveRedact: ["member"] });
  take(1000);
  kept.send();
  gate.open();
  await until("it is kept", () => stream.kept === 1);
  assert.ok(done.includes("ids 1001 1002"));
  assert.match(stored[0]!, /"member":null/);
});
