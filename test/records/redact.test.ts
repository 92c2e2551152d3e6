import assert from "node:assert/strict";
import { test } from "node:test";
import { redactor } from "../../src/records/redact.ts";

const redacted = (paths: string[], text: string) => redactor(paths)(Buffer.from(text))?.toString();

test("values become null and every other byte stays", () =>
  assert.equal(
    redacted(
      ["member.name", "photo"],
      '{ "member": {"name":"Ann", "id":1.0}, "url":"http:\\/\\/x", "photo":{"a":[1]}}',
    ),
    '{ "member": {"name":null, "id":1.0}, "url":"http:\\/\\/x", "photo":null}',
  ));

test("a repeated name is redacted each time, a name with escapes too", () => {
  assert.equal(redacted(["a"], '{"a":1,"b":2,"a":3}'), '{"a":null,"b":2,"a":null}');
  assert.equal(
    redacted(["name"], '{"n\\u0061me":"Ann", "x":12345678901234567890}'),
    '{"n\\u0061me":null, "x":12345678901234567890}',
  );
});

test("what is nested deeper than the scanner goes is redacted all the same", () => {
  const deep = `${"[".repeat(600)}${"]".repeat(600)}`;
  assert.equal(redacted(["name"], `{"x":${deep}, "name":1}`), `{"x":${deep},"name":null}`);
});

test("a path inside one that is redacted as a whole is gone with it", () =>
  assert.equal(redacted(["m.name", "m"], '{"m":{"name":"Ann","id":1}}'), '{"m":null}'));

test("a text that is no JSON object gives nothing", () => assert.equal(redacted(["a"], "x"), undefined));
