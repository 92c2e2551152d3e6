import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutText, escapeText, piecesOf, shortText } from "../../../src/sinks/slack/escape.ts";

/** Text rich in what is hard: escapes, pairs, spaces. */
const awkward = () =>
  fc
    .array(
      fc.oneof(fc.constantFrom("&", "<", ">", "&amp;", "😀", " ", "\n", "é"), fc.string({ maxLength: 4 })),
    )
    .map((parts) => parts.join(""));
const whole = (escaped: string) => !/&(?!(amp|lt|gt);)/.test(escaped) && !/\p{Surrogate}/u.test(escaped);

test("the three control characters are escaped and nothing else is", () => {
  assert.equal(escapeText('<!channel> & "x" <@U1>'), '&lt;!channel&gt; &amp; "x" &lt;@U1&gt;');
});

test("what no one can see is left out; line ends become newlines", () => {
  assert.equal(escapeText("a\u0000\u001b[31mb\r\nc\td\u007f"), "a[31mb\nc\td");
});

test("half of a surrogate pair is replaced", () => {
  assert.equal(escapeText("a\ud83d"), "a\ufffd");
});

test("text within the limit is not cut", () => {
  assert.equal(cutText("abc", 3), "abc");
});

test("a cut never parts an escape or a code point, and ends in an ellipsis", () => {
  assert.equal(cutText("abc&amp;def", 8), "abc…");
  assert.equal(cutText("abc&amp;def", 9), "abc&amp;…");
  assert.equal(cutText("ab😀def", 4), "ab…");
  fc.assert(
    fc.property(awkward(), fc.integer({ min: 8, max: 40 }), (text, max) => {
      const escaped = escapeText(text);
      const cut = cutText(escaped, max);
      assert.ok(cut.length <= max);
      assert.ok(whole(cut), cut);
      if (escaped.length > max) assert.ok(cut.endsWith("…"));
    }),
  );
});

test("pieces are within the limit, cut nothing in two and join to the whole", () =>
  fc.assert(
    fc.property(awkward(), fc.integer({ min: 8, max: 40 }), (text, max) => {
      const escaped = escapeText(text);
      const pieces = piecesOf(escaped, max);
      assert.equal(pieces.join(""), escaped);
      assert.ok(pieces.every((piece) => piece.length > 0 && piece.length <= max && whole(piece)));
    }),
  ));

test("pieces end at a space where there is one near", () => {
  assert.deepEqual(piecesOf("hello big world", 11), ["hello big ", "world"]);
});

test("a short form of a very long text says that something is missing, even where most of it is invisible", () => {
  assert.equal(shortText(`a${"\u0001".repeat(1000)}b`, 10), "a…");
  assert.equal(shortText("x".repeat(1e6), 10), `${"x".repeat(9)}…`);
});
