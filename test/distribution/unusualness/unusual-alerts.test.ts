import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../../src/distribution/unusualness/findings.ts";
import { formatScore, unusualAlerts } from "../../../src/distribution/unusualness/unusual-alerts.ts";
import type { ShownEvent } from "../../../src/records/shown-event.ts";

const NOON = 1_489_924_800_000;
const rare: Finding = {
  event: {
    now: NOON,
    key: "WY",
    familiarity: "known",
    probability: 0.00004,
    rarity: 1 / 12_000,
    unseen: 1 / 2300,
    before: 9999,
    judged: true,
  },
  reason: "rare",
  score: 1 / 12_000,
  threshold: 1 / 8640,
};
const fresh: Finding = { ...rare, reason: "new", event: { ...rare.event, key: "AK", familiarity: "new" } };
const hike: ShownEvent = { noun: "RSVP", words: "Sunday hike", url: "https://x.org/1", id: "17" };
const told = (finding: Finding, shown = hike) => unusualAlerts("meetup-rsvps")(finding, shown);

test("an improbable event is told with what it says, how rare that is, and a link", () => {
  const { text, ...fields } = told(rare);
  assert.equal(
    text,
    "meetup-rsvps: an improbable RSVP, from WY: “Sunday hike”; 1 RSVP in 12,000 is this improbable or more (probability 0.004 %, 14.6 bits).",
  );
  assert.deepEqual(fields, {
    t: NOON,
    stream: "meetup-rsvps",
    alert: "unusual",
    state: "firing",
    id: `meetup-rsvps-unusual-${NOON}`,
    since: NOON,
    duration: 0,
    value: 0.00004,
    baseline: null,
    score: 0.00008333333333,
    threshold: 0.0001157407407,
    why: [{ category: "WY", share: 1 }],
    examples: [{ id: "17", text: "Sunday hike", url: "https://x.org/1" }],
  });
});

test("a new category is told as the first of so many", () =>
  assert.equal(
    told(fresh).text,
    "meetup-rsvps: an RSVP from AK, the first in 10,000 RSVPs with a category: “Sunday hike” (chance of any new category: 1 in 2,300).",
  ));

test("a probability just below the one asked for is told with as many figures as show it", () => {
  const event = { ...rare.event, probability: 0.00204 };
  const below: Finding = { ...rare, event, reason: "below", score: event.probability, threshold: 0.002044 };
  assert.match(told(below).text, /its probability is 0\.204 % \(.+\), below 0\.2044 %\.$/);
});

test("an event below the probability asked for is told with both; nouns take their article", () => {
  const below: Finding = { ...rare, reason: "below", score: 0.00004, threshold: 0.05 };
  const shown = { noun: "photo", words: undefined, url: undefined, id: null };
  assert.equal(
    told(below, shown).text,
    "meetup-rsvps: a photo from WY; its probability is 0.004 % (14.6 bits), below 5 %.",
  );
  assert.deepEqual(told(below, shown).examples, [{ id: null, text: "photo from WY", url: null }]);
  assert.match(
    told({ ...below, event: { ...below.event, familiarity: "new" } }).text,
    /from WY, never seen before:/,
  );
  assert.match(told(below, { ...shown, noun: "event" }).text, /: an event from/);
});

test("a probability too small for per cent is one in so many", () => {
  const event = { ...rare.event, probability: 1.8e-6 };
  assert.match(told({ ...rare, event }).text, /probability 1 in 560,000, 19\.1 bits/);
});

test("a category that steers terminals, hides or goes on and on is told as plain text", () => {
  const event = { ...rare.event, key: `\u001b[31m\u202eA\n${"x".repeat(5000)}` };
  const { text, why } = told({ ...rare, event });
  assert.match(text, /from \[31mA x{53}…:/);
  assert.equal(why[0]!.category.length, 1000);
});

test("no two alerts of a stream have one id, whatever the times", () => {
  const alertOf = unusualAlerts("s");
  const times = [NOON, NOON, NOON - 50, NOON + 0.25, NOON + 7.75];
  const sinces = times.map((now) => alertOf({ ...rare, event: { ...rare.event, now } }, hike).since - NOON);
  assert.deepEqual(sinces, [0, 1, 2, 3, 8]);
});

test("a score line has ten figures, and nulls where there is no category", () => {
  assert.equal(
    formatScore({ t: 5, stream: "s", key: "CA" }, { probability: 1 / 3, rarity: 2 / 3 }),
    '{"t":5,"stream":"s","key":"CA","probability":0.3333333333,"surprisal":1.584962501,"rarity":0.6666666667}\n',
  );
  assert.equal(
    formatScore({ t: 5, stream: "s", key: "CA" }, { probability: 1, rarity: 1 }),
    '{"t":5,"stream":"s","key":"CA","probability":1,"surprisal":0,"rarity":1}\n',
  );
  assert.equal(
    formatScore({ t: 5, stream: "s", key: null }, undefined),
    '{"t":5,"stream":"s","key":null,"probability":null,"surprisal":null,"rarity":null}\n',
  );
});
