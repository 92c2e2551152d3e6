import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildDetectors, type DetectorName } from "../../src/detect/detectors.ts";
import type { ThresholdRule } from "../../src/detect/threshold-rules.ts";
import { Watches } from "../../src/detect/watches.ts";
import type { AlertKind, AlertRecord } from "../../src/records/alert.ts";
import { poissonEvents, polls, START } from "./rates.ts";
import { measurement } from "./support.ts";

const faster: ThresholdRule = { field: "avg", side: "below", limit: 1, clear: 2, holdFor: 0 };
const richer: ThresholdRule = { field: "entropy", side: "above", limit: 4, clear: 4, holdFor: 0 };
const trend: ThresholdRule = { ...faster, trend: { factor: 0.5, clearFactor: 0.6 } };

interface Setting {
  readonly names?: readonly DetectorName[];
  readonly rules?: readonly ThresholdRule[];
  readonly isMuted?: (stream: string, kind: AlertKind, t: number) => boolean;
  readonly muted?: () => void;
}

function watches({
  names = ["threshold", "silence", "blind"],
  rules = [faster, richer],
  ...rest
}: Setting = {}) {
  const settings = { rules, lateness: 5, falseAlarms: 1 };
  return new Watches({
    detectors: () => buildDetectors(names, settings),
    isMuted: rest.isMuted ?? (() => false),
    muted: rest.muted ?? (() => {}),
  });
}

const alertsOf = (watched: Watches, records: readonly object[]): AlertRecord[] =>
  records.flatMap((record) => {
    const read = measurement(record);
    return watched.push(read, read.stream ?? "s").alerts;
  });
/** One record a second from START on; fields by second. */
const seconds = (count: number, fields: (second: number) => object) =>
  Array.from({ length: count }, (_, s) => ({ t: START + s * 1000, seconds: 1, ...fields(s) }));
const told = (alerts: readonly AlertRecord[]) =>
  alerts.map(({ state, alert, t, reason }) => [
    state,
    alert,
    (t - START) / 1000,
    ...(reason === undefined ? [] : [reason]),
  ]);

test("an episode fires once, is recalled after 5, 10, 20 … min, and is resolved with its duration and value", () => {
  const alerts = alertsOf(
    watches(),
    seconds(2000, (s) => ({ avg: s >= 100 && s < 1500 ? 0.5 : 5 })),
  );
  assert.deepEqual(told(alerts), [
    ["firing", "threshold", 100],
    ["reminder", "threshold", 400],
    ["reminder", "threshold", 700],
    ["reminder", "threshold", 1300],
    ["resolved", "threshold", 1500, "returned"],
  ]);
  const last = alerts.at(-1)!;
  assert.deepEqual(new Set(alerts.map(({ id }) => id)), new Set([`s-threshold-${START + 100_000}`]));
  assert.deepEqual([last.duration, last.value, last.field, last.direction], [1400, 5, "avg", "down"]);
  assert.equal(last.text, "s: over after 23 min 20 s: the mean gap is 5 s now; usual is 5 s.");
  assert.match(
    alerts[1]!.text,
    /^s: still so after 5 min: events come faster: the mean gap is 0\.5 s, below 1 s since 12:01:40 UTC/,
  );
});

test("a leap over several reminders gives one", () => {
  const records = [0, 1, 3600, 3601].map((s) => ({ t: START + s * 1000, avg: 0.5, seconds: 1 }));
  assert.deepEqual(told(alertsOf(watches(), records)), [
    ["firing", "threshold", 0],
    ["reminder", "threshold", 3600],
  ]);
});

test("what else fires joins once, and the episode ends when all are quiet", () => {
  const flickering = (s: number) => ({
    avg: s >= 10 && s < 40 ? 0.5 : 5,
    entropy: s >= 20 && s < 60 && s % 4 < 2 ? 5 : 3,
  });
  const alerts = alertsOf(watches(), seconds(100, flickering));
  assert.deepEqual(told(alerts), [
    ["firing", "threshold", 10],
    ["update", "threshold", 20],
    ["resolved", "threshold", 42, "returned"],
  ]);
  assert.match(
    alerts[1]!.text,
    /mean gap is 0\.5 s.*; also, the entropy is 5 bits, above 4 bits since 12:00:20 UTC\.$/,
  );
});

test("after an end nothing fires for a minute; what fires still, fires then", () => {
  const alerts = alertsOf(
    watches(),
    seconds(200, (s) => ({ avg: s < 10 || s >= 30 ? 0.5 : 5 })),
  );
  assert.deepEqual(told(alerts), [
    ["firing", "threshold", 0],
    ["resolved", "threshold", 10, "returned"],
    ["firing", "threshold", 70],
  ]);
  assert.equal(alerts[2]!.since, START + 30_000);
  assert.equal(alerts[2]!.duration, 40);
});

test("blindness ends what is open, is told at once, and mutes the others; what lasts fires a minute later anew", () => {
  const records = seconds(300, (s) => ({ avg: 0.5, connected: s < 50 || s >= 100, stale: 0 }));
  const alerts = alertsOf(watches(), records);
  assert.deepEqual(told(alerts), [
    ["firing", "threshold", 0],
    ["resolved", "threshold", 65, "blind"],
    ["firing", "blind", 65],
    ["resolved", "blind", 100, "returned"],
    ["firing", "threshold", 160],
  ]);
  assert.equal(new Set(alerts.map(({ id }) => id)).size, 3);
  assert.match(alerts[1]!.text, /because we are blind/);
});

test("while stream time stands still, blindness goes by how long it has", () => {
  const stale = [0, 20, 100, 400].map((s) => ({ t: START, avg: null, stale: s }));
  const alerts = alertsOf(watches(), [...stale, { t: START + 500_000, avg: 5, stale: 0 }]);
  assert.deepEqual(told(alerts), [
    ["firing", "blind", 20],
    ["reminder", "blind", 400],
    ["resolved", "blind", 500, "returned"],
  ]);
  assert.equal(alerts[0]!.since, START);
});

test("silence mutes the thresholds, and is told with how improbable it is", () => {
  const events = Array.from({ length: 600 }, (_, i) => i);
  const records = polls(events, { seconds: 800 }).map((record, i) => ({ ...record, avg: i > 635 ? 0.5 : 5 }));
  const alerts = alertsOf(watches(), records);
  assert.deepEqual(
    alerts.map(({ state, alert }) => [state, alert]),
    [["firing", "silence"]],
  );
  assert.match(
    alerts[0]!.text,
    /^s: nothing has come for 30 s though the source is connected; silences this long are expected less than once in \d+ (days|years)\.$/,
  );
});

test("a planned silence keeps alerts back and counts them; what lasts beyond it fires then", () => {
  let muted = 0;
  const isMuted = (_: string, kind: AlertKind, t: number) => kind === "threshold" && t < START + 50_000;
  const watched = watches({ isMuted, muted: () => void muted++ });
  const alerts = alertsOf(
    watched,
    seconds(100, (s) => ({ avg: s < 5 || s >= 20 ? 0.5 : 5 })),
  );
  assert.deepEqual(told(alerts), [["firing", "threshold", 50]]);
  assert.equal(alerts[0]!.since, START + 20_000);
  assert.equal(muted, 2);
});

test("the end of what was told before a planned silence is told in it, its reminders are not", () => {
  let muted = 0;
  const watched = watches({ isMuted: (_, __, t) => t > START + 10_000, muted: () => void muted++ });
  const alerts = alertsOf(
    watched,
    seconds(500, (s) => ({ avg: s < 400 ? 0.5 : 5 })),
  );
  assert.deepEqual(told(alerts), [
    ["firing", "threshold", 0],
    ["resolved", "threshold", 400, "returned"],
  ]);
  assert.equal(muted, 1);
});

test("streams are watched apart", () => {
  const records = seconds(40, (s) => ({ avg: s < 20 ? 5 : 0.5, stream: s % 2 === 0 ? "a" : "b" }));
  const quiet = records.map((record, s) => (s % 2 === 0 ? { ...record, avg: 5 } : record));
  assert.deepEqual(
    alertsOf(watches(), quiet).map(({ id }) => id),
    [`b-threshold-${START + 21_000}`],
  );
});

test("a rule that is taken away closes its episode", () => {
  const first = watches({ rules: [faster] });
  alertsOf(
    first,
    seconds(5, () => ({ avg: 0.5 })),
  );
  const second = watches({ rules: [richer] });
  assert.deepEqual(second.restore(JSON.parse(JSON.stringify(first.snapshot()))), [
    `threshold ${JSON.stringify(faster)}`,
  ]);
  const [alert] = alertsOf(second, [{ t: START + 5000, avg: 0.5, entropy: 3 }]);
  assert.deepEqual(
    [alert!.state, alert!.text],
    ["resolved", "s: closed after 5 s: it is no longer watched for."],
  );
});

test("what is no state, or a damaged one, is refused", () => {
  const whole = watches();
  alertsOf(
    whole,
    seconds(5, () => ({ avg: 0.5, silence: 1 })),
  );
  const text = JSON.stringify(whole.snapshot());
  for (const bad of [
    null,
    7,
    {},
    { kind: "check-detect", version: 2, streams: {} },
    { kind: "x", version: 1 },
  ]) {
    assert.throws(() => watches().restore(bad), { kind: "badInput" });
  }
  for (const [from, to] of [
    ['"open":{', '"open":{"since":"x","was":{'],
    ['"observed":', '"observd":'],
    ['"usual":{', '"usual":7,"was":{'],
  ] as const) {
    const damaged = text.replace(from, to);
    assert.notEqual(damaged, text, from);
    assert.throws(
      () => watches().restore(JSON.parse(damaged.replace('"was":{', '"was":0,"rest":{'))),
      (error: Error) => error instanceof Error,
    );
  }
});

/** Anything that a poller may say, in any order. */
const records = fc.array(
  fc.record(
    {
      t: fc.integer({ min: 0, max: 4000 }).map((s) => START + s * 1000),
      avg: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      entropy: fc.double({ min: 0, max: 10, noNaN: true }),
      silence: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      count: fc.nat(500),
      window: fc.constant(120),
      events: fc.nat(100),
      seconds: fc.nat(60),
      connected: fc.boolean(),
      stale: fc.double({ min: 0, max: 60, noNaN: true }),
      stream: fc.constantFrom("a", "b"),
    },
    { requiredKeys: ["t", "avg"] },
  ),
  { maxLength: 150 },
);
const inOrder = records.map((list) => [...list].sort((a, b) => a.t - b.t));

test("alerts alternate per id, times never fall within one, scores are finite, equal input gives equal output", () =>
  fc.assert(
    fc.property(fc.oneof(records, inOrder), fc.constantFrom([faster, richer], [trend]), (list, rules) => {
      const open = new Map<string, AlertRecord>();
      const alerts: AlertRecord[] = [];
      const watched = watches({ rules });
      for (const record of list) {
        const read = measurement(record);
        const judged = watched.push(read, read.stream ?? "s");
        alerts.push(...judged.alerts);
        for (const { verdict } of judged.judgements) {
          for (const number of [verdict.score, verdict.threshold, verdict.value, verdict.baseline]) {
            assert.ok(number === null || Number.isFinite(number));
          }
        }
      }
      for (const alert of alerts) {
        const { stream, id, state, t } = alert;
        const before = open.get(stream);
        if (state === "firing") assert.ok(before === undefined, "one open episode a stream");
        else assert.ok(before?.id === id && before.t <= t, "chapters belong to the open episode, in order");
        if (state === "resolved") open.delete(stream);
        else open.set(stream, alert);
        assert.ok(alert.duration >= 0 && Number.isInteger(alert.since) && alert.text.length < 1000);
      }
      const firings = alerts.filter(({ state }) => state === "firing").map(({ id }) => id);
      assert.equal(new Set(firings).size, firings.length, "no id fires twice");
      assert.deepEqual(alertsOf(watches({ rules }), list), alerts);
    }),
    { numRuns: 150 },
  ));

test("two runs over the parts of a recording tell what one run over the whole tells", () =>
  fc.assert(
    fc.property(
      fc.oneof(records, inOrder),
      fc.nat(),
      fc.constantFrom([faster, richer], [trend]),
      (list, cut, rules) => {
        const at = list.length === 0 ? 0 : cut % list.length;
        const first = watches({ rules });
        const head = alertsOf(first, list.slice(0, at));
        const second = watches({ rules });
        second.restore(JSON.parse(JSON.stringify(first.snapshot())));
        const tail = alertsOf(second, list.slice(at));
        const whole = watches({ rules });
        assert.deepEqual([...head, ...tail], alertsOf(whole, list));
        assert.deepEqual(
          JSON.parse(JSON.stringify(second.snapshot())),
          JSON.parse(JSON.stringify(whole.snapshot())),
        );
      },
    ),
    { numRuns: 100 },
  ));

test("memory is bounded: the state of a long run is no larger than that of a short one", () => {
  const size = (hours: number) => {
    const watched = watches({ rules: [trend] });
    alertsOf(
      watched,
      polls(
        poissonEvents(() => 0.2, hours * 3600),
        { seconds: hours * 3600 },
      ),
    );
    return JSON.stringify(watched.snapshot()).length;
  };
  const long = size(6);
  assert.ok(long < 40_000, `${long} bytes`);
  assert.ok(long < size(2) * 1.5);
});

test("a thousand streams are watched, one more is refused", () => {
  const watched = watches();
  for (let i = 0; i < 1000; i++) watched.push(measurement({ t: START }), `s${i}`);
  assert.throws(() => watched.push(measurement({ t: START }), "more"), {
    kind: "badInput",
    message: /at most 1000 streams/,
  });
});
