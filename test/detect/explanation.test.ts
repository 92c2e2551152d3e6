import assert from "node:assert/strict";
import { test } from "node:test";
import type { DetectorName } from "../../src/detect/detectors.ts";
import { Explanation } from "../../src/detect/explanation.ts";
import type { AlertRecord } from "../../src/records/alert.ts";
import type { Measurement } from "../../src/records/measurement.ts";
import { made, said } from "./changes.ts";
import { watching } from "./trials.ts";

/** The alerts of these records, and how the first one of the last id is explained. */
function explained(records: readonly Measurement[], names?: readonly DetectorName[]) {
  const alerts: AlertRecord[] = [];
  const first = watching(names, 1);
  for (const record of records) alerts.push(...first.push(record, "made").alerts);
  const { id } = alerts.findLast(({ state }) => state === "firing")!;
  const explanation = new Explanation(id);
  const again = watching(names, 1);
  for (const record of records) explanation.push(record, "made", again.push(record, "made"));
  return { alerts, id, explanation };
}
const rows = ({ lines }: Explanation) => lines.filter(({ score }) => score !== undefined);

test("a rate is explained by the events of each second, what was expected, and the score up to the threshold", () => {
  const records = made((s) => ({ a: s >= 900 && s < 1000 ? 30 : 10 }), 1100);
  const { alerts, id, explanation } = explained(records, ["rate"]);
  const [firing, resolved] = alerts;
  const { lines } = explanation;
  assert.equal(lines[0]!.text, firing!.text);
  assert.match(
    lines[1]!.text,
    /^usual: [\d.]+ events a second; score: .*told from 11\.4 on, about once a day$/,
  );
  assert.ok(lines.every(({ explains, stream }) => explains === id && stream === "made"));
  const steps = rows(explanation);
  const last = steps.at(-1)!;
  assert.equal(last.t, firing!.t);
  assert.ok(
    last.score! >= last.threshold! && steps.slice(0, -1).every((step) => step.score! < step.threshold!),
  );
  assert.match(last.text, /← passes$/);
  const counted = steps.filter(({ t }) => t > firing!.since).reduce((sum, step) => sum + step.counted!, 0);
  assert.ok(Math.abs(counted - firing!.value! * firing!.duration) < 1e-6);
  assert.ok(steps.every(({ expected }) => expected === Number(firing!.baseline!.toPrecision(10))));
  assert.ok(steps.filter(({ text }) => text.endsWith("(before the change)")).length === 5);
  assert.equal(
    lines.at(-1)!.text,
    `00:16:45 UTC  resolved: ${resolved!.text}`.replace("00:16:45", lines.at(-1)!.text.slice(0, 8)),
  );
});

test("a shift is explained by the events of its category among those with one", () => {
  const rates = (s: number) => (s >= 900 ? { a: 5, b: 5 } : { a: 9, b: 1 });
  const { alerts, explanation } = explained(made(rates, 930), ["shift"]);
  assert.match(explanation.lines[1]!.text, /^events of [ab] among those with a category, usually \d+/);
  for (const { counted, of, expected } of rows(explanation)) {
    assert.ok(counted! <= of!);
    assert.ok(Math.abs(expected! - of! * alerts[0]!.baseline!) < 1e-6);
  }
  assert.match(rows(explanation).at(-1)!.text, / \d+\/\d+ /);
});

test("a slow change is at most forty rows, which add up", () => {
  const records = made((s) => ({ a: s >= 1800 ? 0.3 : 0.1 }), 3000, { seed: 2 });
  const { alerts, explanation } = explained(records, ["rate"]);
  const steps = rows(explanation);
  assert.ok(steps.length > 10 && steps.length <= 40, `${steps.length}`);
  const { t, baseline } = alerts[0]!;
  const seconds = Math.round(steps.reduce((sum, step) => sum + step.expected!, 0) / baseline!);
  const shown = records.filter((record) => record.t <= t && record.t > t - seconds * 1000);
  const events = shown.reduce((sum, { byKey }) => sum + (byKey!["a"] ?? 0), 0);
  assert.equal(
    steps.reduce((sum, step) => sum + step.counted!, 0),
    events,
  );
});

test("silence and blindness are explained by their scores alone", () => {
  const calm = made(() => ({ a: 10 }), 600).map((record) => ({ ...record, silence: 0 }));
  const blind = Array.from({ length: 20 }, (_, i) => said(601 + i, { connected: false, seconds: 0 }));
  const { explanation } = explained([...calm, ...blind]);
  assert.match(explanation.lines[1]!.text, /^blind, told from 15 s on; the score is its value$/);
  const last = rows(explanation).at(-1)!;
  assert.deepEqual([last.counted, last.expected, last.threshold], [15, null, 15]);
});

test("an alert that did not fire has no lines; those that did are known", () => {
  const explanation = new Explanation("made-rate-1");
  const watched = watching(["rate"], 1);
  for (const record of made((s) => ({ a: s >= 600 ? 40 : 10 }), 620)) {
    explanation.push(record, "made", watched.push(record, "made"));
  }
  assert.deepEqual(explanation.lines, []);
  assert.equal(explanation.known.length, 1);
  assert.match(explanation.known[0]!, /^made-rate-\d+$/);
});
