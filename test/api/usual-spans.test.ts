import assert from "node:assert/strict";
import { test } from "node:test";
import { UsualSpans } from "../../src/api/usual-spans.ts";

const usualIn = (spans: UsualSpans, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((second) => spans.has(second));

test("seconds of an episode are not usual, also those before it was told; those around it are", () => {
  const spans = new UsualSpans();
  for (let second = 0; second < 10; second++) assert.equal(spans.push(second, {}), false);
  assert.equal(spans.push(10, { unusualSince: 7_400 }), true, "earlier seconds are seen in another light");
  assert.equal(spans.push(11, { unusualSince: 7_400 }), false);
  assert.equal(spans.push(12, {}), false);
  assert.deepEqual(usualIn(spans, 5, 13), [5, 6, 12, 13]);
});

test("after a change that has come to stay its seconds are the usual ones, and no earlier ones", () => {
  const spans = new UsualSpans();
  spans.push(10, { unusualSince: 7000 });
  spans.push(11, { unusualSince: 7000 });
  assert.equal(spans.push(12, { usualFrom: 7000 }), true);
  assert.equal(spans.push(13, { usualFrom: 7000 }), false);
  assert.deepEqual(usualIn(spans, 5, 13), [7, 8, 9, 10, 11, 12, 13]);
  spans.push(20, { unusualSince: 19_000, usualFrom: 7000 });
  assert.deepEqual(usualIn(spans, 17, 21), [17, 18, 21]);
});

test("however many episodes there are, so many are remembered", () => {
  const spans = new UsualSpans();
  for (let episode = 1; episode <= 10_000; episode++) {
    spans.push(episode * 10, { unusualSince: episode * 10_000 });
  }
  assert.equal(spans.has(100_000), false);
  assert.equal(spans.has(10), true);
});
