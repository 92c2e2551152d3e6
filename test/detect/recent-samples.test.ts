import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentSamples } from "../../src/detect/recent-samples.ts";
import type { SampleEvent } from "../../src/records/sample-event.ts";
import { saved } from "./changes.ts";

const sample = (text: string, key: string | null = "a"): SampleEvent => ({ key, id: null, text, url: null });
/** Records with one sample each, whose times are 1, 2, 3, … ms. */
function kept(texts: readonly string[]): RecentSamples {
  const samples = new RecentSamples();
  texts.forEach((text, i) => void samples.push({}, [sample(text)], i + 1));
  return samples;
}
const textsOf = (samples: RecentSamples, categories = ["a"], from = 0) =>
  samples.examples(categories, from).map(({ text }) => text);

test("the newest three of the categories that are asked for are examples, the newest first", () => {
  const samples = kept(["one", "two", "three", "four"]);
  samples.push({}, [sample("other", "b"), sample("none", null)], 5);
  assert.deepEqual(textsOf(samples), ["four", "three", "two"]);
  assert.deepEqual(textsOf(samples, ["b"]), ["other"]);
  assert.deepEqual(textsOf(samples, ["b", "a"]), ["other", "four", "three"]);
  assert.deepEqual(textsOf(samples, []), []);
  assert.deepEqual(textsOf(samples, ["c"]), []);
});

test("only what came after the beginning is an example of it", () => {
  const samples = kept(["one", "two", "three"]);
  assert.deepEqual(textsOf(samples, ["a"], 1), ["three", "two"]);
  assert.deepEqual(textsOf(samples, ["a"], 3), []);
});

test("no two examples have the same words, none is without words, all are on one line and not too long", () => {
  const samples = kept(["yes", "no\nno", "no no", "", " ", "yes"]);
  samples.push({}, [sample("x".repeat(1000))], 7);
  const [long, ...others] = textsOf(samples);
  assert.equal(long!.length, 200);
  assert.deepEqual(others, ["yes", "no no"]);
});

test("an example keeps its id and its link", () => {
  const samples = new RecentSamples();
  samples.push({}, [{ key: "__proto__", id: "7", text: "words", url: "https://example.com/" }], 1);
  assert.deepEqual(samples.examples(["__proto__"], 0), [
    { id: "7", text: "words", url: "https://example.com/" },
  ]);
});

test("a record's samples are kept once, whoever brings them", () => {
  const samples = new RecentSamples();
  const record = {};
  for (let i = 0; i < 3; i++) samples.push(record, [sample("one")], 1);
  assert.equal((samples.snapshot()["kept"] as unknown[]).length, 1);
});

test("48 are held at most, however many come", () => {
  const samples = new RecentSamples();
  for (let i = 0; i < 1000; i++) samples.push({}, Array(16).fill(sample(`${i}`)), i);
  assert.equal((samples.snapshot()["kept"] as unknown[]).length, 48);
  assert.deepEqual(textsOf(samples), ["999", "998", "997"]);
});

test("restored samples go on alike; damaged ones are refused", () => {
  const samples = kept(["one", "two"]);
  samples.push({}, [{ key: null, id: "7", text: "three", url: "https://example.com/" }], 3);
  const again = new RecentSamples();
  again.restore(saved(samples.snapshot()));
  assert.deepEqual(again.snapshot(), samples.snapshot());
  for (const bad of [null, {}, { kept: [{}] }, { kept: [{ at: 1, sample: { text: 7 } }] }]) {
    assert.throws(() => again.restore(bad), { kind: "badInput" });
  }
});
