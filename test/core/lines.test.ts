import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LINE_BYTES_MAX, lineSplitter } from "../../src/core/lines.ts";

function split(chunks: readonly Buffer[]): { lines: [number, string][]; tooLong: [number, number][] } {
  const lines: [number, string][] = [];
  const tooLong: [number, number][] = [];
  const splitter = lineSplitter({
    line: (buffer, start, end, number) => lines.push([number, buffer.toString("utf8", start, end)]),
    tooLong: (head, number) => tooLong.push([number, head.length]),
  });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, tooLong };
}

test("lines are the same wherever the chunks are cut", () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "é", "\n", "\r", "{}")),
      fc.array(fc.nat(40)),
      (parts, cuts) => {
        const bytes = Buffer.from(parts.join(""));
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
        assert.deepEqual(split(chunks), split([bytes]));
      },
    ),
  ));

test("empty lines are numbered but not given; a last line needs no newline", () => {
  assert.deepEqual(split([Buffer.from("a\n\nb")]).lines, [
    [1, "a"],
    [3, "b"],
  ]);
  assert.deepEqual(split([]).lines, []);
});

test("a line over the limit is told once, with its head, and the next one is read", () => {
  const long = Buffer.alloc(LINE_BYTES_MAX * 2 + 10, "x");
  const { lines, tooLong } = split([
    Buffer.from("a\n"),
    long.subarray(0, LINE_BYTES_MAX),
    long,
    Buffer.from("x\nb\n"),
  ]);
  assert.deepEqual(lines, [
    [1, "a"],
    [3, "b"],
  ]);
  assert.deepEqual(tooLong, [[2, 4096]]);
  assert.deepEqual(split([Buffer.concat([long, Buffer.from("\nb\n")])]).lines, [[2, "b"]]);
});

test("a line of just the limit is given", () => {
  assert.equal(split([Buffer.alloc(LINE_BYTES_MAX, "x"), Buffer.from("\n")]).lines.length, 1);
});
