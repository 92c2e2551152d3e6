import assert from "node:assert/strict";
import { test } from "node:test";
import * as e from "../../src/page/episodes.ts";
import { type AlertRecord, alertExample } from "../../src/records/alert.ts";

const T = alertExample.since;
const chapter = (
  state: AlertRecord["state"],
  seconds: number,
  more: Partial<AlertRecord> = {},
): AlertRecord => ({
  ...alertExample,
  ...{ state, t: T + seconds * 1000, duration: seconds, text: `${state} at ${seconds}` },
  ...more,
});
const after = (alerts: readonly AlertRecord[]) =>
  alerts.reduce<readonly AlertRecord[]>((list, alert) => e.withAlert(list, alert), []);

test("chapters of one id are one episode, which ends with the alert that resolves it", () => {
  const chapters = [chapter("firing", 3), chapter("update", 60), chapter("reminder", 300)];
  const [open] = e.episodesOf(after(chapters));
  assert.equal(open?.end, undefined);
  assert.equal(open?.told.text, "update at 60");
  const [over] = e.episodesOf(after([...chapters, chapter("resolved", 400)]));
  assert.equal(over?.end, T + 400_000);
  assert.equal(over?.over?.text, "resolved at 400");
  assert.equal(over?.told.text, "update at 60");
});

test("an alert told again changes nothing, and one that comes late finds its place", () => {
  const alerts = after([chapter("firing", 3), chapter("resolved", 90)]);
  assert.equal(e.withAlert(alerts, chapter("resolved", 90)), alerts);
  const times = e.withAlert(alerts, chapter("update", 30)).map(({ duration }) => duration);
  assert.deepEqual(times, [90, 30, 3]);
});

test("at most two hundred alerts are kept, the newest", () => {
  const many = Array.from({ length: 300 }, (_, i) => chapter("reminder", i));
  const kept = after(many);
  assert.equal(kept.length, e.ALERTS_MAX);
  assert.equal(kept[0]?.duration, 299);
});

test("an episode of which only the end is known is told by it", () => {
  const [over] = e.episodesOf([chapter("resolved", 90)]);
  assert.equal(over?.told, over?.over);
});

test("improbable events are no episodes", () => {
  const alerts = after([chapter("firing", 3), chapter("firing", 5, { alert: "unusual", id: "u" })]);
  assert.equal(e.episodesOf(alerts).length, 1);
  assert.equal(e.improbable(alerts).length, 1);
});

test("the open episode is the one that was told last", () => {
  const alerts = after([
    chapter("firing", 3),
    chapter("firing", 50, { id: "b", alert: "blind" }),
    chapter("resolved", 70, { id: "b", alert: "blind" }),
  ]);
  assert.equal(e.openEpisode(e.episodesOf(alerts))?.kind, "rate");
  assert.equal(e.openEpisode([]), undefined);
});

test("a shorter mean gap is a faster stream", () => {
  const tone = (more: Partial<AlertRecord>) => e.toneOf(e.episodesOf([chapter("firing", 3, more)])[0]!);
  assert.equal(tone({ alert: "threshold", field: "avg", direction: "down" }), "up");
  assert.equal(tone({ alert: "threshold", field: "rate", direction: "down" }), "down");
  assert.equal(tone({ alert: "threshold", field: "share.TX", direction: "up" }), "shift");
  assert.equal(tone({ alert: "silence" }), "down");
  assert.equal(tone({ alert: "shift" }), "shift");
  assert.equal(tone({ alert: "blind" }), "blind");
});
