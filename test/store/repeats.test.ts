import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resumed } from "../../src/records/resumed.ts";
import { Repeats } from "../../src/store/repeats.ts";
import { printed, type Trail } from "../../src/store/trail.ts";

interface Counted {
  readonly text: string;
  readonly t: number;
  readonly cursor: string | number;
}

const trailOf = (...batches: readonly (readonly Counted[])[]): Trail[] =>
  batches.map((events) => ({
    run: 1,
    passed: Math.max(...events.map(({ t }) => t)),
    cursor: JSON.stringify(events.at(-1)!.cursor),
    prints: Buffer.concat(
      events.map(({ text, t, cursor }) => printed(Buffer.from(text), t, JSON.stringify(cursor))),
    ),
  }));

const counted = (text: string, t: number, cursor: string | number = t): Counted => ({ text, t, cursor });
const isRepeat = (repeats: Repeats, text: string, t = 0) =>
  repeats.isRepeat({ t, message: () => Buffer.from(text) });
const from = (more: Partial<Resumed>): Resumed => ({ run: 2, passed: 1, ...more });

test("by time, what is not older than was asked for comes again, as often as it was counted", () => {
  const trail = trailOf(
    [counted("old", 5), counted("a", 10), counted("a", 10)],
    [counted("late", 9), counted("b", 11)],
  );
  const repeats = new Repeats(trail, from({ after: 11, since: 10 }));
  assert.equal(repeats.left, 3);
  const seen = ["old", "a", "a", "a", "late", "b", "b"].map((text) => isRepeat(repeats, text));
  assert.deepEqual(seen, [false, true, true, false, false, true, false]);
  assert.equal(repeats.left, 0);
});

test("by ids, what came after the id comes again, whatever its time, and so do those behind it that have none", () => {
  const trail = trailOf(
    [counted("a", 10, "7"), counted("b", 11, "8")],
    [counted("c", 12, "8"), counted("a", 1, "9")],
  );
  const repeats = new Repeats(trail, from({ after: "8" }));
  assert.deepEqual(
    ["b", "c", "a", "a"].map((text) => isRepeat(repeats, text)),
    [false, true, true, false],
  );
  assert.equal(new Repeats(trail, from({ after: "9" })).left, 0);
});

test("of an id that nothing counted has, and from the first event on, all may come again; of a run that begins live, nothing", () => {
  const trail = trailOf([counted("a", 10, "7"), counted("b", 11, "8")]);
  assert.equal(new Repeats(trail, from({ after: "unknown" })).left, 2);
  assert.equal(new Repeats(trail, from({})).left, 2);
  assert.equal(new Repeats(trail, { run: 2 }).left, 0);
});

test("what has not come when the stream is a minute past it does not come again", () => {
  const repeats = new Repeats(trailOf([counted("a", 10), counted("b", 10)]), from({ since: 0, after: 10 }));
  assert.equal(isRepeat(repeats, "a", 60_010), true);
  assert.equal(isRepeat(repeats, "b", 60_011), false);
  assert.equal(repeats.left, 0);
});
