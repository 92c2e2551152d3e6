import assert from "node:assert/strict";
import { test } from "node:test";
import { closeWords } from "../../src/sources/close-words.ts";

test("the normal end, going away and no reason at all are orderly; everything else is not", () => {
  const orderly = [];
  for (let code = 1000; code < 5000; code++) if (closeWords(code, "").orderly) orderly.push(code);
  assert.deepEqual(orderly, [1000, 1001, 1005]);
});

test("each code is told in words, with the server's own reason on one line", () => {
  assert.equal(closeWords(1008, "").words, "the source refused us: against its policy (1008)");
  assert.equal(closeWords(4401, "no\n\u001b[31mtoken").words, "the source refused us (4401: no [31mtoken)");
  assert.equal(closeWords(1013, "later").words, "the source asks to try again later (1013: later)");
  assert.equal(closeWords(3000, "").words, "the source closed the connection (3000)");
  assert.equal(
    closeWords(1011, "x".repeat(1000)).words.length,
    "the source met an error of its own (1011: )".length + 120,
  );
});
