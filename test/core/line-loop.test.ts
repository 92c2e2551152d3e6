import assert from "node:assert/strict";
import { test } from "node:test";
import type { Faults } from "../../src/core/faults.ts";
import type { TakeChunk } from "../../src/core/input.ts";
import { forEachLine } from "../../src/core/line-loop.ts";
import { Tally } from "../../src/core/tally.ts";

test("lines behind one that is waited for come after that, in order and with their numbers, and the input waits", async () => {
  const seen: string[] = [];
  const faults: (readonly [number, string])[] = [];
  let waiting: Promise<void> | undefined;
  let resolve = () => {};
  const line = (buffer: Buffer, start: number, end: number) => {
    const text = buffer.toString("utf8", start, end);
    seen.push(text);
    if (text.startsWith("wait")) {
      waiting = new Promise<void>((done) => {
        resolve = () => {
          waiting = undefined;
          done();
        };
      });
    }
    return text === "bad" ? "it is bad" : undefined;
  };
  const settled: number[] = [];
  const loop = { line, held: () => waiting, settle: () => void settled.push(seen.length) };
  const tally = new Tally("lines");
  const report = (number: number, why: string) => void faults.push([number, why]);
  const tools = { tally, faults: { report } as unknown as Faults, stop: new AbortController().signal };
  const read = async (take: TakeChunk) => {
    const first = take(Buffer.from("a\nwait 1\nbad\nwait 2\nc\n"));
    assert.deepEqual(seen, ["a", "wait 1"]);
    resolve();
    await new Promise((turn) => setImmediate(turn));
    assert.deepEqual(seen, ["a", "wait 1", "bad", "wait 2"]);
    assert.deepEqual(settled, [], "nothing is settled while something is waited for");
    resolve();
    await first;
    assert.deepEqual(seen.slice(4), ["c"]);
    assert.deepEqual(settled, [5]);
    await take(Buffer.from("d"));
  };
  await forEachLine(read, loop, tools);
  assert.equal(seen.at(-1), "d");
  assert.deepEqual(faults, [[3, "it is bad"]]);
  assert.equal(tally.read, 6);
});

test("a last line that its writer's end has cut off is bad, where every line is whole", async () => {
  for (const isWhole of [true, false]) {
    const seen: string[] = [];
    const told: string[] = [];
    const tally = new Tally("lines");
    await forEachLine(
      async (take) => void (await take(Buffer.from("a\nb"))),
      {
        line: (buffer, start, end) => void seen.push(buffer.toString("utf8", start, end)),
        isWhole: () => isWhole,
      },
      {
        tally,
        faults: { report: (_: number, why: string) => void told.push(why) } as unknown as Faults,
        stop: new AbortController().signal,
      },
    );
    assert.deepEqual(seen, isWhole ? ["a"] : ["a", "b"]);
    assert.equal(told.length, isWhole ? 1 : 0);
    assert.equal(tally.read, 2);
  }
});
