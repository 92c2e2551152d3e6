import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeSamples, sampleOf } from "../../src/records/sample-event.ts";
import { exampleOf, type ShownEvent } from "../../src/records/shown-event.ts";

const shown = (some: Partial<ShownEvent> = {}): ShownEvent => ({
  id: "7",
  words: "Sunday hike",
  url: "https://x.org/7",
  noun: "RSVP",
  ...some,
});
const bytes = (sample: unknown) => Buffer.byteLength(JSON.stringify(sample));

test("a sample has its words and link, fields in their order", () =>
  assert.equal(
    JSON.stringify(sampleOf(shown(), "CA")),
    '{"key":"CA","id":"7","text":"Sunday hike","url":"https://x.org/7"}',
  ));

test("without words it is told by what it is and where it is from; with neither words nor link it is none", () => {
  assert.equal(sampleOf(shown({ words: undefined }), "CA")?.text, "RSVP from CA");
  assert.equal(sampleOf(shown({ words: undefined }), null)?.text, "RSVP");
  assert.equal(sampleOf(shown({ words: undefined, url: undefined }), "CA"), undefined);
  assert.deepEqual(exampleOf(shown({ words: undefined, url: undefined }), "CA"), {
    id: "7",
    text: "RSVP from CA",
    url: null,
  });
});

test("a long key is cut; a sample that is too long loses its link, then its id, then is none", () => {
  assert.equal(sampleOf(shown(), "k".repeat(300))?.key, `${"k".repeat(255)}…`);
  const url = `https://x.org/${"x".repeat(1000)}`;
  assert.deepEqual(sampleOf(shown({ url }), "CA"), { key: "CA", id: "7", text: "Sunday hike", url: null });
  const id = "i".repeat(5000);
  assert.deepEqual(sampleOf(shown({ id }), "CA"), { key: "CA", id: null, text: "Sunday hike", url: null });
  assert.equal(sampleOf(shown(), "\u0001".repeat(200)), undefined);
});

test("samples never take more than 1 KB, whatever is in them, and are decoded as they were", () => {
  const text = (maxLength: number) => fc.string({ unit: "binary", maxLength });
  fc.assert(
    fc.property(text(300), text(300), text(200), text(1200), (key, id, words, url) => {
      const sample = sampleOf(shown({ id, words, url }), key);
      if (sample === undefined) return;
      assert.ok(bytes(sample) <= 1024);
      assert.deepEqual(decodeSamples(JSON.parse(JSON.stringify([sample]))), [sample]);
    }),
  );
});

test("what is no sample is left out, and what a sample does not say is null", () => {
  const good = { key: "CA", id: null, text: "a", url: null };
  assert.deepEqual(decodeSamples([good, { text: "b" }, { ...good, more: 1 }]), [
    good,
    { ...good, key: null, text: "b" },
    good,
  ]);
  for (const value of [undefined, null, 7, "a", {}, []]) assert.deepEqual(decodeSamples(value), []);
  const wrong = [null, 7, "a", [], {}, { ...good, text: 1 }, { ...good, key: 1 }, { ...good, url: {} }];
  assert.deepEqual(decodeSamples([...wrong, good]), [good]);
  assert.deepEqual(decodeSamples([{ ...good, text: "x".repeat(2000) }]), []);
});

test("at most sixteen of a record are kept", () =>
  assert.deepEqual(
    decodeSamples(Array.from({ length: 1000 }, (_, i) => ({ text: String(i) }))).map(({ text }) => text),
    Array.from({ length: 16 }, (_, i) => String(i)),
  ));
