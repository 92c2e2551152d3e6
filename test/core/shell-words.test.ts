import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { shellWord } from "../../src/core/shell-words.ts";

test("plain words stay as they are, others are quoted", () => {
  for (const word of ["avg=20s", "--below", "1/day", "a.ndjson"]) assert.equal(shellWord(word), word);
  assert.equal(shellWord("share.St. John's=5%"), `'share.St. John'\\''s=5%'`);
  assert.equal(shellWord(""), "''");
});

test("a shell reads a quoted word as it was", () =>
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("\0")),
      (text) => assert.equal(execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`]).toString(), text),
    ),
    { numRuns: 30 },
  ));
