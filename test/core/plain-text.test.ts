import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { plainText } from "../../src/core/plain-text.ts";

test("a text comes on one line, without what steers a terminal or hides", () => {
  assert.equal(plainText("  Sunday\n\thike ", 20), "Sunday hike");
  assert.equal(plainText("\u001b[31mred\u0007\u202eder\u2028end", 20), "[31mred der end");
  assert.equal(plainText("👩‍👧 日本 é", 20), "👩‍👧 日本 é");
  assert.equal(plainText("a\ud800b", 20), "a\ufffdb");
  assert.equal(plainText("", 20), "");
});

test("a long text ends in an ellipsis, and no character is cut in two", () => {
  assert.equal(plainText("abcdef", 6), "abcdef");
  assert.equal(plainText("abcdefg", 6), "abcde…");
  assert.equal(plainText("😀".repeat(9), 4), "😀😀😀…");
  assert.equal(plainText(`a${" ".repeat(1e6)}b`, 4), "a…");
});

test("whatever the text, the limit holds and doing it again changes nothing", () =>
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.integer({ min: 1, max: 30 }),
      (text, max) => {
        const plain = plainText(text, max);
        assert.ok([...plain].length <= max, plain);
        assert.doesNotMatch(plain, /[\p{Cc}\p{Cs}]|^\s|\s$/u);
        assert.equal(plainText(plain, max), plain);
      },
    ),
  ));
