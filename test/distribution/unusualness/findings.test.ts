import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Finding,
  findingsBelow,
  findingsWithin,
} from "../../../src/distribution/unusualness/findings.ts";
import type { ScoredEvent } from "../../../src/distribution/unusualness/scored-events.ts";
import { feed } from "../../support/feed.ts";

const NOON = 1_489_924_800_000;
const DAY = 86_400_000;
const event = (second: number, fields: Partial<ScoredEvent> = {}): ScoredEvent => ({
  now: NOON + second * 1000,
  key: "CA",
  familiarity: "known",
  probability: 0.1,
  rarity: 0.5,
  unseen: 0.001,
  before: 1000,
  judged: true,
  ...fields,
});
/** An hour of common events, one a second. */
const HOUR = Array.from({ length: 3600 }, (_, second) => event(second));
const isNew: Partial<ScoredEvent> = { familiarity: "new", key: "WY", probability: 0.001, rarity: 0.03 };

function within(perDay: number, events: readonly ScoredEvent[]): { findings: Finding[]; heldBack: number } {
  let heldBack = 0;
  const findings = feed(findingsWithin({ perDay, heldBack: () => heldBack++ }), events);
  return { findings, heldBack };
}
const found = (perDay: number, events: readonly ScoredEvent[]) =>
  within(perDay, events).findings.map(({ reason }) => reason);

test("common events are not told", () => assert.deepEqual(within(10, HOUR), { findings: [], heldBack: 0 }));

test("an event is told when no more than the day's budget are as rare at the present rate", () => {
  // One a second are 86,400 a day: ten of them are one in 8,640.
  assert.deepEqual(found(10, [...HOUR, event(3600, { rarity: 1 / 9000 })]), ["rare"]);
  assert.deepEqual(found(10, [...HOUR, event(3600, { rarity: 1 / 8000 })]), []);
  assert.deepEqual(found(20, [...HOUR, event(3600, { rarity: 1 / 8000 })]), ["rare"]);
  const [finding] = within(10, [...HOUR, event(3600, { rarity: 1e-6 })]).findings;
  assert.equal(finding!.score, 1e-6);
  assert.ok(Math.abs(finding!.threshold * 8640 - 1) < 0.001);
});

test("on a quiet stream an event is told only when it is one in a hundred", () => {
  const quiet = Array.from({ length: 100 }, (_, i) => event(i * 7200));
  assert.deepEqual(found(10, [...quiet, event(720_000, { rarity: 0.02 })]), []);
  assert.deepEqual(found(10, [...quiet, event(720_000, { rarity: 0.009 })]), ["rare"]);
});

test("a category that was never seen is told, unless new ones are commonplace or it is one of too many", () => {
  const [finding] = within(10, [...HOUR, event(3600, isNew)]).findings;
  assert.deepEqual([finding!.reason, finding!.score, finding!.threshold], ["new", 0.001, 0.02]);
  assert.deepEqual(found(10, [...HOUR, event(3600, { ...isNew, unseen: 0.06 })]), []);
  assert.deepEqual(found(10, [...HOUR, event(3600, { ...isNew, familiarity: "beyond" })]), []);
});

test("nothing is told during the warm-up", () => {
  const events = HOUR.map((one) => ({ ...one, ...isNew, rarity: 1e-9, judged: false }));
  assert.deepEqual(found(10, events), []);
  assert.deepEqual(feed(findingsBelow(0.5), events), []);
});

test("the budget is never exceeded: it is full at first, fills again over a day, and the rest is counted", () => {
  const storm = Array.from({ length: 50 }, (_, i) => event(3600 + i, { rarity: 1e-6 }));
  const first = within(10, [...HOUR, ...storm]);
  assert.deepEqual([first.findings.length, first.heldBack], [10, 40]);
  const later = storm.map((one) => ({ ...one, now: one.now + DAY / 2 }));
  assert.equal(within(10, [...HOUR, ...storm, ...later]).findings.length, 15);
  const muchLater = storm.map((one) => ({ ...one, now: one.now + 30 * DAY }));
  assert.equal(within(10, [...HOUR, ...storm, ...muchLater]).findings.length, 20);
});

test("a trickle of new categories takes half of the budget, so that rare ones find room all day", () => {
  const trickle = (from: number, seconds: number) =>
    Array.from({ length: seconds }, (_, i) =>
      event(from + i, i % 50 === 0 ? { ...isNew, unseen: 0.019 } : {}),
    );
  const day = [...trickle(0, 43_200), event(43_200, { rarity: 1e-6 }), ...trickle(43_201, 43_200)];
  const { findings, heldBack } = within(10, day);
  const counts = { new: 0, rare: 0, below: 0 };
  for (const { reason } of findings) counts[reason]++;
  // Five at once, and as many as refill within the day.
  assert.deepEqual([counts, findings.length + heldBack], [{ new: 9, rare: 1, below: 0 }, 2 * 864 + 1]);
});

test("new categories that were kept back use up no room; a day without any makes room for five again", () => {
  const storm = (from: number) => Array.from({ length: 50 }, (_, i) => event(from + i, isNew));
  const rare = Array.from({ length: 6 }, (_, i) => event(100 + i, { rarity: 1e-6 }));
  assert.deepEqual(found(10, [...storm(0), ...rare]), [
    ...Array.from({ length: 5 }, () => "new"),
    ...Array.from({ length: 5 }, () => "rare"),
  ]);
  assert.equal(found(10, [...rare, ...rare, ...storm(200)]).length, 10, "nor do they exceed what is left");
  assert.equal(found(10, [...storm(0), ...storm(86_400)]).length, 10);
});

test("however small the budget, the first of its kind is told", () => {
  for (const perDay of [0.1, 1, 1.5, 2, 3])
    assert.deepEqual(found(perDay, [...HOUR, event(3600, isNew)]), ["new"]);
});

test("less than one a day saves up for one", () => {
  const weekly = [0, 1, 6.9, 7.1, 14.2].map((day) => event(day * 86_400, isNew));
  assert.deepEqual(
    within(1 / 7, weekly).findings.map(({ event: { now } }) => (now - NOON) / DAY),
    [0, 7.1, 14.2],
  );
});

test("with a probability to compare with, every event below it is told", () => {
  const events = [0.04, 0.05, 0.06, 0.01].map((probability, i) => event(i, { probability }));
  const findings = feed(findingsBelow(0.05), events);
  assert.deepEqual(
    findings.map(({ score, threshold, reason }) => [score, threshold, reason]),
    [
      [0.04, 0.05, "below"],
      [0.01, 0.05, "below"],
    ],
  );
});
