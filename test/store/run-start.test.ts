import assert from "node:assert/strict";
import { test } from "node:test";
import type { Beginning } from "../../src/store/resume-store.ts";
import { runStart } from "../../src/store/run-start.ts";

const NOON = 1_489_924_800_000;
const place = (second: number) => ({ cursor: String(second), passed: NOON + second * 1000 });
const progress = (second?: number, known = second !== undefined) => ({
  known,
  place: second === undefined ? undefined : place(second),
});
const edge = { t: NOON, prints: ["a"] };
const line = `{"t":${NOON},"at":${NOON},"stream":"s","key":null,"id":null,"cursor":"first","event":{}}`;

function start(
  gaps: ReturnType<typeof progress>,
  counts: ReturnType<typeof progress>,
  more: Partial<Beginning> = {},
) {
  const beginning = { run: 7, origin: undefined, lost: undefined, oldest: undefined, counts, ...more };
  return runStart({ ...beginning, gaps: { ...gaps, edge } });
}

test("a run begins at the least place of its branches, and tells where the gaps had got to", () => {
  assert.deepEqual(start(progress(10), progress(20)).place, place(10));
  assert.deepEqual(start(progress(20), progress(10)).place, place(10));
  assert.deepEqual(start(progress(20), progress()).place, place(20), "a branch that is not there has no say");
  assert.equal(start(progress(), progress()).place, undefined);
  assert.deepEqual(start(progress(10), progress(20)).edge, edge);
});

test("a branch that is there and has no place is given all from the first event on", () => {
  const origin = { cursor: '"first"', passed: NOON - 1 };
  const begun = start(progress(undefined, true), progress(500), { origin: line });
  assert.deepEqual({ ...begun.place }, { ...origin, line, t: NOON });
  assert.equal(begun.origin, line);
  assert.equal(begun.begun, NOON);
  assert.equal(
    start(progress(), progress(), { origin: line }).origin,
    line,
    "all were killed before they stored anything",
  );
  assert.equal(
    start(progress(), progress(59), { origin: line }).origin,
    line,
    "it was killed before its first tick",
  );
  assert.equal(start(progress(), progress(61), { origin: line }).origin, undefined, "it is not wanted");
  const both = start(progress(10), progress(20), { origin: line });
  assert.deepEqual([both.place, both.origin, both.begun], [place(10), undefined, NOON]);
});

test("behind what is not known again nothing is asked for, and that is a loss", () => {
  const lost = { lost: NOON + 100_000, oldest: place(165) };
  const begun = start(progress(10), progress(200), lost);
  assert.deepEqual(begun.place, place(165));
  assert.deepEqual(begun.losses, [{ from: NOON + 10_000, to: NOON + 165_000 }]);
  const enough = start(progress(161), progress(200), lost);
  assert.deepEqual([enough.place, enough.losses], [place(161), []]);
  const none = start(progress(10), progress(120), { ...lost, oldest: undefined });
  assert.deepEqual(none.place, place(120));
});
