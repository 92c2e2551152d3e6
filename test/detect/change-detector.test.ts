import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChangeWatch } from "../../src/detect/change/change-watch.ts";
import { RATE_MODEL } from "../../src/detect/change/model.ts";
import { type ChangeSubject, changeDetector, type Recent } from "../../src/detect/change-detector.ts";
import { PLAIN_WORDS } from "../../src/detect/change-words.ts";
import { rate } from "../../src/detect/rate.ts";
import { shift } from "../../src/detect/shift.ts";
import { numberAt } from "../../src/records/measurement.ts";
import { made, recent, said, saved, secondOf, turns } from "./changes.ts";
import { START } from "./worlds.ts";

/** A subject that tells what it was asked. */
function subject() {
  const asked: number[] = [];
  const watched: ChangeSubject = {
    kind: "rate",
    read({ fields }, seconds, _watch: ChangeWatch) {
      asked.push(seconds);
      const events = numberAt(fields, "events");
      if (events === undefined) return undefined;
      return { counts: Float64Array.of(events), channels: 1, exposure: seconds, events };
    },
    facts: ({ recent: counts, from, watch }) => ({
      value: counts.between(from).events,
      baseline: watch.usual(0),
    }),
    why: () => [{ category: "a", share: 1 }],
    risen: () => ["a"],
    clause: (chapter, _, since) => `${chapter} since ${secondOf(since)}`,
    snapshot: () => null,
    restore() {},
  };
  const detector = changeDetector(watched, { model: RATE_MODEL, perDay: 1, events: 100, recent: recent() });
  return { asked, detector };
}
const stepped = made((s) => ({ a: s >= 600 && s < 700 ? 30 : 5 }), 900);

test("what it learnt is good for any budget: its id is its kind, and another threshold goes by the same baseline", () => {
  const of = (perDay: number) => rate({ perDay, words: PLAIN_WORDS, recent: recent() });
  assert.equal(of(1).id, "rate");
  const records = made(() => ({ a: 5 }), 300);
  const [before, after] = [of(1), of(1 / 7)];
  for (const record of records) before.push(record, { now: record.t, frozen: false });
  after.restore(JSON.parse(JSON.stringify(before.snapshot())));
  const [record] = made(() => ({ a: 5 }), 1).map((last) => ({ ...last, t: records.at(-1)!.t + 1000 }));
  const { score, threshold } = after.push(record!, { now: record!.t, frozen: false });
  assert.ok(score !== null && Math.abs(threshold! - Math.log(7 * 86_400)) < 1e-9);
});

test("it is asked about connected time only, and says nothing of any other", () => {
  const { asked, detector } = subject();
  const none = [
    said(1, { events: 5, seconds: 0 }),
    said(2, { events: 5, seconds: -1 }),
    said(3, { events: 5, connected: false }),
    said(4, { events: 5, stale: 20 }),
    said(5, { events: 5, seconds: 1e-9 }),
    said(6, { events: 5, seconds: 1e300 }),
  ];
  for (const record of none) {
    const verdict = detector.push(record, { now: record.t, frozen: false });
    assert.deepEqual([verdict.firing, verdict.score, verdict.value], [false, null, null]);
  }
  assert.deepEqual(asked, []);
  // A record that does not say is about the time since the one before.
  detector.push({ ...said(9, { events: 5 }), seconds: undefined }, { now: START + 9000, frozen: false });
  assert.deepEqual(asked, [3]);
});

test("the first record that does not say of how long it is tells nothing", () => {
  const { asked, detector } = subject();
  detector.push({ ...said(9, { events: 5 }), seconds: undefined }, { now: START + 9000, frozen: false });
  assert.deepEqual(asked, []);
});

test("while it fires it has a score, what carries it, and a beginning that does not move; before, none of it", () => {
  const { detector } = subject();
  const verdicts = stepped.map((record) => detector.push(record, { now: record.t, frozen: false }));
  assert.equal(verdicts[500]!.why, undefined);
  assert.equal(verdicts[500]!.direction, undefined);
  const firing = verdicts.filter((verdict) => verdict.firing);
  assert.ok(firing.length > 90);
  assert.equal(new Set(firing.map(({ since }) => since)).size, 1);
  assert.deepEqual(firing[0]!.why, [{ category: "a", share: 1 }]);
  assert.ok(firing.every(({ score }) => score !== null));
  assert.equal(verdicts.at(-1)!.ended, "returned");
});

test("what chance does is known from the warm-up on: once in e^score seconds", () => {
  const { detector } = subject();
  assert.equal(detector.chance!(), undefined);
  const verdicts = stepped
    .slice(0, 605)
    .map((record) => detector.push(record, { now: record.t, frozen: false }));
  assert.equal(detector.chance!(), Math.exp(verdicts.at(-1)!.score!));
  assert.ok(detector.chance!()! > 86_400);
});

test("nothing is told as older than it may be", () => {
  const { detector } = subject();
  for (const record of stepped.slice(0, 620)) detector.push(record, { now: record.t, frozen: false });
  assert.match(detector.clause("firing", 0), /^firing since (599|600|601)$/);
  assert.equal(detector.clause("firing", START + 610_000), "firing since 610");
});

test("an end keeps the direction of its change", () => {
  const both = turns(subject().detector, stepped);
  assert.deepEqual(
    both.map(({ verdict }) => [verdict.firing, verdict.direction]),
    [
      [true, "up"],
      [false, "up"],
    ],
  );
});

test("two detectors that hold what was counted together count each record once, restored or not", () => {
  const pair = (together: Recent) =>
    [rate, shift].map((detector) => detector({ perDay: 1, words: PLAIN_WORDS, recent: together }));
  const together = recent();
  const detectors = pair(together);
  const records = made(() => ({ a: 5 }), 300);
  const [head, tail] = [records.slice(0, 150), records.slice(150)];
  const push = (of: typeof detectors, list: typeof records) => {
    for (const record of list)
      for (const detector of of) detector.push(record, { now: record.t, frozen: false });
  };
  push(detectors, head);
  const later = recent();
  const restored = pair(later);
  restored.forEach((detector, i) => void detector.restore(saved(detectors[i]!.snapshot())));
  push(detectors, tail);
  push(restored, tail);
  const truth = records.reduce((sum, { fields }) => sum + (fields as { events: number }).events, 0);
  assert.equal(together.counts.between(0).events, truth);
  assert.deepEqual(later.counts.snapshot(), together.counts.snapshot());
});
