import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonScanner } from "../../src/core/json-scan.ts";
import { valueIn } from "../../src/records/message.ts";

const guarded = (text: string) => Buffer.from(`${text}\n`);
const scanOk = (text: string) => {
  const bytes = guarded(text);
  return jsonScanner(["a"]).scan(bytes, 0, bytes.length - 1);
};

test("it accepts just what JSON.parse accepts, among texts near to JSON objects", () => {
  const mutated = fc
    .tuple(
      fc.object({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom("", '"', "{", "}", "[", ",", "\\", "1", "-", ".", "e", "\t", "tru", "\\u12"),
    )
    .map(([value, at, insert]) => {
      const text = JSON.stringify(value);
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + (at % 2));
    });
  fc.assert(
    fc.property(mutated, (text) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        parsed = undefined;
      }
      const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
      assert.equal(scanOk(text), isObject, text);
    }),
    { numRuns: 3000 },
  );
});

test("it finds nested values, the last where a name is repeated, as JSON.parse does", () => {
  const scanner = jsonScanner(["group.state", "mtime", "group"]);
  const text = guarded('{"group":{"x":{"state":"no"},"state":"CA"},"mtime":1, "mtime" : 2 }');
  assert.ok(scanner.scan(text, 0, text.length - 1));
  const found = (slot: number) => text.toString("utf8", scanner.starts[slot], scanner.ends[slot]);
  assert.deepEqual([found(0), found(1), found(2)], ['"CA"', "2", '{"x":{"state":"no"},"state":"CA"}']);
});

test("a path that is not there has no bounds, and an array is not entered", () => {
  const scanner = jsonScanner(["a.b"]);
  const text = guarded('{"a":[{"b":1}]}');
  assert.ok(scanner.scan(text, 0, text.length - 1));
  assert.equal(scanner.starts[0], -1);
});

test("nesting deeper than 512 is refused and does not overflow the stack", () => {
  assert.equal(scanOk(`{"x":${"[".repeat(100_000)}`), false);
  assert.equal(scanOk(`{"x":${"[".repeat(600)}${"]".repeat(600)}}`), false);
  assert.equal(scanOk(`{"x":${"[".repeat(500)}${"]".repeat(500)}}`), true);
});

for (const text of [
  '{"a":01}',
  '{"a":1.}',
  '{"a":"\t"}',
  '{"a":"\\x"}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":1}}',
  "{",
  "",
  '{"a":nul}',
  '{"a":+1}',
]) {
  test(`${JSON.stringify(text)} is refused`, () => assert.equal(scanOk(text), false));
}

test("values at paths are those that JSON.parse gives, names repeated on every level or written with escapes included", () => {
  const paths = ["a", "a.b", "b", "a.b.a"];
  const scanner = jsonScanner(paths);
  const value: fc.Memo<string> = fc.memo((depth) =>
    depth <= 1
      ? fc.constantFrom("1", '"x"', '[{"a":1}]', "null", "{}")
      : fc.oneof(value(1), object(depth - 1)),
  );
  const object: fc.Memo<string> = fc.memo((depth) =>
    fc
      .array(fc.tuple(fc.constantFrom("a", "b", "c", "\\u0061", "\\u0062"), value(depth)), { maxLength: 4 })
      .map((members) => `{${members.map(([name, text]) => `"${name}":${text}`).join(",")}}`),
  );
  fc.assert(
    fc.property(object(4), (text) => {
      const bytes = guarded(text);
      assert.ok(scanner.scan(bytes, 0, bytes.length - 1));
      const parsed: unknown = JSON.parse(text);
      paths.forEach((path, slot) => {
        const expected = valueIn(parsed, path);
        const start = scanner.starts[slot]!;
        const found: unknown =
          start < 0 ? undefined : JSON.parse(bytes.toString("utf8", start, scanner.ends[slot]));
        assert.deepEqual(found, expected, `${path} in ${text}`);
      });
    }),
  );
});
