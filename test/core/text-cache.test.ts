import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textCache } from "../../src/core/text-cache.ts";

test("the text of any bytes is what they decode to, whatever came before", () => {
  const textOf = textCache();
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 40 }), (texts) => {
      for (const text of texts) {
        const bytes = Buffer.from(`"${text}"`);
        assert.equal(textOf(bytes, 1, bytes.length - 1), text);
        bytes.fill(0x20);
      }
    }),
  );
});

test("texts that share a slot, and long ones, come out whole", () => {
  const textOf = textCache();
  const texts = Array.from({ length: 20_000 }, (_, i) => `${i}`.padStart(1 + (i % 80), "x"));
  for (const text of [...texts, ...texts]) assert.equal(textOf(Buffer.from(text), 0, text.length), text);
});
