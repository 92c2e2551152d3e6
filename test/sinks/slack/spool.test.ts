import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { systemClock } from "../../../src/core/clock.ts";
import { ToolError } from "../../../src/core/errors.ts";
import { openSpool } from "../../../src/sinks/slack/spool.ts";
import { scratchFolder } from "../../support/scratch.ts";

const folder = scratchFolder();
const fresh = () => mkdtempSync(join(folder, "outbox-"));
const open = (path: string, bytesMax = 1e6) => openSpool(path, { bytesMax, clock: systemClock });
const lines = (...texts: string[]) => texts.map((text) => Buffer.from(text));
const texts = (path: string) =>
  open(path)
    .waiting()
    .map(({ text }) => text);

test("what is appended waits, in order, until the cursor has passed it", async () => {
  const path = fresh();
  const spool = open(path);
  const { ends, dropped } = await spool.append(lines("a", "bb", "c"));
  assert.deepEqual(ends, [2, 5, 7]);
  assert.equal(dropped, 0);
  assert.deepEqual(texts(path), ["a", "bb", "c"]);
  spool.advance(5);
  assert.deepEqual(texts(path), ["c"]);
  assert.equal(spool.countWaiting(), 1);
});

test("a spool that is delivered is emptied; positions go on from where they were", async () => {
  const path = fresh();
  const spool = open(path);
  await spool.append(lines("a", "b"));
  assert.equal(await spool.tidy(), false);
  spool.advance(4);
  assert.equal(await spool.tidy(), true);
  assert.equal(statSync(join(path, "spool.ndjson")).size, 0);
  assert.equal(spool.position(), 4);
  assert.deepEqual((await spool.append(lines("c"))).ends, [6]);
  assert.deepEqual(spool.waiting(), [{ text: "c", end: 6 }]);
});

test("a crash between emptying the file and saying so loses nothing that is appended afterwards", async () => {
  const path = fresh();
  const spool = open(path);
  await spool.append(lines("aaaa", "bbbb"));
  spool.advance(10);
  truncateSync(join(path, "spool.ndjson"), 0);
  assert.deepEqual((await open(path).append(lines("c"))).ends, [12]);
  assert.deepEqual(texts(path), ["c"]);
});

test("the tail that a writer left unfinished is never shown, and cut off by the next one", async () => {
  const path = fresh();
  await open(path).append(lines('{"n":1}'));
  appendFileSync(join(path, "spool.ndjson"), '{"n":2');
  assert.deepEqual(texts(path), ['{"n":1}']);
  await open(path).append(lines('{"n":3}'));
  assert.equal(readFileSync(join(path, "spool.ndjson"), "utf8"), '{"n":1}\n{"n":3}\n');
});

test("what does not fit is counted as dropped", async () => {
  const path = fresh();
  const spool = open(path, 5);
  const { ends, dropped } = await spool.append(lines("a", "b", "c", "d"));
  assert.deepEqual([ends.length, dropped], [2, 2]);
  assert.deepEqual(texts(path), ["a", "b"]);
});

test("one at a time has the sender's lock, and its holder is known", () => {
  const path = fresh();
  const lock = open(path).lock();
  assert.ok(lock !== undefined);
  assert.equal(open(path).lock(), undefined);
  assert.equal(open(path).sender(), process.pid);
  lock.release();
  assert.ok(open(path).lock() !== undefined);
});

test("what Slack refused is kept with the reason", async () => {
  const path = fresh();
  const spool = open(path);
  await spool.append(lines('{"n":1}'));
  spool.bury(spool.waiting(), "400 no_text");
  const dead = JSON.parse(readFileSync(join(path, "dead-letter.ndjson"), "utf8"));
  assert.deepEqual([dead.reason, dead.record], ["400 no_text", { n: 1 }]);
  assert.match(dead.time, /^\d{4}-.*Z$/);
});

test("a cursor that is none is said to be one, with what to do", () => {
  const path = fresh();
  writeFileSync(join(path, "cursor"), "x");
  assert.throws(() => open(path).position(), ToolError);
});

test("a spool longer than is read at a time is delivered whole", async () => {
  const path = fresh();
  const spool = open(path, 1e7);
  const long = Array.from({ length: 5 }, (_, i) => Buffer.alloc(600_000, String(i)));
  await spool.append(long);
  assert.equal(spool.countWaiting(), 5);
  const seen: string[] = [];
  for (let waiting = spool.waiting(); waiting.length > 0; waiting = spool.waiting()) {
    seen.push(waiting[0]!.text[0]!);
    spool.advance(waiting[0]!.end);
  }
  assert.deepEqual(seen, ["0", "1", "2", "3", "4"]);
});

/** What happens to an outbox: appends of two processes, deliveries, and what a crash leaves. */
const steps = () =>
  fc.array(
    fc.oneof(
      fc.record({ do: fc.constant("append" as const), by: fc.nat(1), count: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ do: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constantFrom("tidy" as const, "torn" as const, "crashed" as const) }),
    ),
    { maxLength: 25 },
  );

test("whatever appends, deliveries and crashes come, each record is delivered once and in order", () =>
  fc.assert(
    fc.asyncProperty(steps(), async (plan) => {
      const path = fresh();
      const spools = [open(path), open(path)] as const;
      let next = 0;
      const delivered: string[] = [];
      const deliver = (count: number) => {
        const waiting = spools[0].waiting().slice(0, count);
        if (waiting.length > 0) spools[0].advance(waiting.at(-1)!.end);
        delivered.push(...waiting.map(({ text }) => text));
      };
      for (const step of plan) {
        if (step.do === "append") {
          await spools[step.by]!.append(Array.from({ length: step.count }, () => Buffer.from(`${next++}`)));
        } else if (step.do === "deliver") deliver(step.count);
        else if (step.do === "tidy") await spools[0].tidy();
        else if (step.do === "torn") appendFileSync(join(path, "spool.ndjson"), "torn");
        else if (spools[0].countWaiting() === 0 && next > 0) truncateSync(join(path, "spool.ndjson"), 0);
      }
      deliver(Number.POSITIVE_INFINITY);
      assert.deepEqual(
        delivered,
        Array.from({ length: next }, (_, i) => `${i}`),
      );
      assert.equal(await spools[1].tidy(), true);
    }),
    { numRuns: 40 },
  ));

test("appends and emptyings side by side lose and repeat nothing", async () => {
  const path = fresh();
  const delivered: string[] = [];
  let writing = true;
  const sender = open(path);
  const sending = (async () => {
    for (;;) {
      // The writers wait for the lock by timers, which need a turn.
      await turn();
      const last = !writing;
      const waiting = sender.waiting();
      if (waiting.length > 0) sender.advance(waiting.at(-1)!.end);
      delivered.push(...waiting.map(({ text }) => text));
      if ((await sender.tidy()) && last) return;
    }
  })();
  const write = async (name: string) => {
    const spool = open(path);
    for (let i = 0; i < 20; i++) await spool.append(lines(`${name}${i}`));
  };
  await Promise.all([write("a"), write("b")]);
  writing = false;
  await sending;
  for (const name of ["a", "b"]) {
    const own = delivered.filter((text) => text.startsWith(name));
    assert.deepEqual(
      own,
      Array.from({ length: 20 }, (_, i) => `${name}${i}`),
    );
  }
});

test("a folder that takes none and says that it is not there is an error, not a search without end", () =>
  assert.throws(() => open("/proc/none/outbox"), { kind: "cannotCreate" }));

test("a folder is made with those above it, for its owner alone", () => {
  const path = join(fresh(), "a", "b");
  open(path);
  open(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});
