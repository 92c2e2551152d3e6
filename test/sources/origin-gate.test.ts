import assert from "node:assert/strict";
import { test } from "node:test";
import type { Output } from "../../src/core/output.ts";
import { originGate } from "../../src/sources/origin-gate.ts";

const tick = '{"tick":1,"at":1,"stream":"s","connected":true}\n';
const placeless = '{"t":1,"at":1,"stream":"s","key":null,"id":null,"event":{}}\n';
const placed = (n: number) =>
  `{"t":${n},"at":1,"stream":"s","key":null,"id":null,"cursor":"ü${n}","event":{}}\n`;

/** A gate whose first line is kept when it is told so. */
function gated() {
  const written: string[] = [];
  const output: Output = {
    gone: new AbortController().signal,
    write: (bytes) => written.push(String(bytes)) > 0,
    ready: () => undefined,
    flush: async () => {},
  };
  const asked: string[] = [];
  let kept = { resolve() {}, reject(_: unknown) {} };
  const keep = (line: string) => {
    asked.push(line);
    return new Promise<void>((resolve, reject) => {
      kept = { resolve, reject };
    });
  };
  return { gate: originGate(output, keep), written, asked, kept: () => kept };
}

test("the first event that has a place waits until it is kept, with all behind it", async () => {
  const { gate, written, asked, kept } = gated();
  assert.equal(gate.write(Buffer.from(tick + placeless)), true);
  assert.equal(gate.ready(), undefined);
  // Its buffer is not to be used again.
  assert.equal(gate.write(Buffer.from(tick + placed(1) + placed(2))), false);
  assert.equal(gate.write(placed(3)), false);
  assert.deepEqual(asked, [placed(1).trimEnd()]);
  assert.deepEqual(written, [tick + placeless]);
  const ready = gate.ready();
  kept().resolve();
  await ready;
  assert.deepEqual(written.slice(1), [tick + placed(1) + placed(2), placed(3)]);
  assert.equal(gate.write(placed(4)), true);
  assert.equal(asked.length, 1);
});

test("what cannot be kept is an error, and nothing goes out", async () => {
  const { gate, written, kept } = gated();
  gate.write(placed(1));
  const flushed = assert.rejects(gate.flush(), /no room/);
  kept().reject(new Error("no room"));
  await flushed;
  assert.deepEqual(written, []);
});
