import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildDetectors, chosenDetectors, parseDetectorNames } from "../../src/detect/detectors.ts";
import type { ThresholdRule } from "../../src/detect/threshold-rules.ts";
import { Watches } from "../../src/detect/watches.ts";
import type { AlertRecord } from "../../src/records/alert.ts";
import type { Measurement } from "../../src/records/measurement.ts";
import { Random } from "../../src/simulate/random.ts";
import { AWKWARD, counted, made, notFinite, said, saved } from "./changes.ts";
import { START } from "./worlds.ts";

const rule: ThresholdRule = { field: "avg", side: "below", limit: 20, clear: 20, holdFor: 0 };

test("by default rate, shares, silence and blindness are watched; a rule replaces them; names decide", () => {
  assert.deepEqual(chosenDetectors(undefined, []), ["rate", "shift", "silence", "blind"]);
  assert.deepEqual(chosenDetectors(undefined, [rule]), ["threshold"]);
  assert.deepEqual(chosenDetectors(["threshold", "blind", "blind"], [rule]), ["threshold", "blind"]);
});

test("a name that is not known is refused with those that are", () => {
  assert.throws(() => parseDetectorNames("silence,rat"), {
    kind: "usage",
    message: /some of threshold, rate, shift, silence, blind, got "rat" \(did you mean rate\?\)$/,
  });
  assert.deepEqual(parseDetectorNames("blind, silence"), ["blind", "silence"]);
});

test("threshold without a rule, and a rule without threshold, are refused", () => {
  assert.throws(() => chosenDetectors(["threshold"], []), { message: /expected --below/ });
  assert.throws(() => chosenDetectors(["blind"], [rule]), { message: /expected threshold in --detect/ });
});

test("each rule is a detector with an id of its own", () => {
  const settings = { rules: [rule, { ...rule, field: "n" }], lateness: 5, falseAlarms: 1 };
  const ids = buildDetectors(["blind", "threshold"], settings).map(({ id }) => id);
  assert.equal(new Set(ids).size, 3);
  assert.equal(ids[0], "blind");
});

/** The whole default set, as check-detect has it. */
const defaults = (): Watches =>
  new Watches({
    detectors: () =>
      buildDetectors(chosenDetectors(undefined, []), { rules: [], lateness: 5, falseAlarms: 1 }),
    isMuted: () => false,
    muted: () => {},
  });
const alertsOf = (watches: Watches, records: readonly Measurement[]): AlertRecord[] =>
  records.flatMap((record) => watches.push(record, "made").alerts);

/** An hour or less of a stream that calms and changes, goes away, leaps and says what cannot be. */
const stories = fc
  .record({ seed: fc.nat(), wild: fc.constantFrom(0, 0.02, 0.4), length: fc.integer({ min: 100, max: 700 }) })
  .map(({ seed, wild, length }) => {
    const random = new Random("story", seed);
    const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
    let t = 0;
    let level = 5;
    let tilt = 0.5;
    return Array.from({ length }, (): Measurement => {
      if (random.chance(1 / 60)) level = pick([0, 1, 5, 15, 40]);
      if (random.chance(1 / 60)) tilt = pick([0.5, 0.5, 0, 0.9]);
      const isWild = random.chance(wild);
      t += isWild ? pick([0, -5, 1, 60, 3600, 0.001]) : 1;
      const count = isWild ? pick([0, 1, 0.5, Number.MAX_SAFE_INTEGER, 1e6]) : random.below(2 * level + 1);
      const names = isWild ? [...AWKWARD, `n${random.below(5000)}`] : ["a", "b", "c"];
      const of = names.map(
        (name, i) => [name, i === 0 ? count * tilt : i === 1 ? count * (1 - tilt) : 1] as const,
      );
      return said(t, {
        events: isWild ? pick([null, 0, -1, 7.5, 1e300, Number.MAX_SAFE_INTEGER]) : count + 1,
        byKey: counted(of),
        seconds: isWild ? pick([0, 1, 10, 3600, -1, 1e-9, 1e300]) : 1,
        connected: !isWild || random.chance(0.7),
        stale: isWild ? pick([0, 5, 30]) : 0,
      });
    }).map((record, i) => ({ ...record, silence: i % 9 === 0 ? undefined : random.below(4) }));
  });

test("whatever comes, the defaults tell each episode once from its beginning to its end, in finite numbers and words", () =>
  fc.assert(
    fc.property(stories, (records) => {
      const watches = defaults();
      let open: AlertRecord | undefined;
      const ids = new Set<string>();
      for (const record of records) {
        const { alerts, judgements } = watches.push(record, "made");
        for (const { verdict } of judgements) assert.deepEqual(notFinite(verdict), []);
        for (const alert of alerts) {
          assert.deepEqual(notFinite(alert), []);
          assert.doesNotMatch(alert.text, /NaN|Infinity|undefined/);
          assert.ok(
            alert.text.length < 1500 && alert.duration >= 0 && alert.why.every(({ share }) => share <= 1),
          );
          if (alert.state === "firing") {
            assert.equal(open, undefined);
            assert.ok(!ids.has(alert.id), "no id fires twice");
            ids.add(alert.id);
          } else assert.equal(alert.id, open?.id);
          open = alert.state === "resolved" ? undefined : alert;
        }
      }
      assert.deepEqual(notFinite(watches.snapshot()), []);
    }),
    { numRuns: 100 },
  ));

test("two runs of the defaults over the parts of a stream tell what one over the whole tells", () =>
  fc.assert(
    fc.property(stories, fc.nat(), (records, cut) => {
      const at = cut % records.length;
      const [whole, first, second] = [defaults(), defaults(), defaults()];
      const head = alertsOf(first, records.slice(0, at));
      second.restore(saved(first.snapshot()));
      const tail = alertsOf(second, records.slice(at));
      assert.deepEqual([...head, ...tail], alertsOf(whole, records));
      const { judgements } = second.push(records.at(-1)!, "made");
      assert.deepEqual(
        judgements.map(({ verdict }) => verdict),
        whole.push(records.at(-1)!, "made").judgements.map(({ verdict }) => verdict),
      );
    }),
    { numRuns: 60 },
  ));

test("by default a surge of one category is one story: told, joined, resolved", () => {
  const records = made((s) => ({ a: s >= 900 && s < 1200 ? 30 : 5, b: 5 }), 1500);
  const alerts = alertsOf(defaults(), records);
  assert.deepEqual(new Set(alerts.map(({ id }) => id)).size, 1, alerts.map(({ text }) => text).join("\n"));
  assert.equal(alerts[0]!.state, "firing");
  assert.deepEqual([alerts.at(-1)!.state, alerts.at(-1)!.reason], ["resolved", "returned"]);
  assert.match(alerts[0]!.text, /^made: .+\. Chance alone does this .+\.$/);
});

test("where the source was away in the middle of a change, nothing of what comes later is no number", () => {
  const records = made((s) => ({ a: s >= 600 && s < 630 ? 30 : 5, b: 5 }), 3000).map((record, s) =>
    s > 610 && s < 2200 ? { ...record, connected: false, seconds: 0 } : record,
  );
  const watches = defaults();
  const alerts = alertsOf(watches, records);
  assert.deepEqual(notFinite(watches.snapshot()), []);
  assert.equal(alerts.at(-1)!.state, "resolved");
});

test("by default calm records tell nothing in whatever order they come, or all at one time", () => {
  for (const disorder of [0, 10, 2000]) {
    const random = new Random("order", disorder);
    const records = made(() => ({ a: 5, b: 3, c: 1 }), 3000, { seed: disorder });
    const shuffled = records
      .map((record) => ({ record, key: (record.t - START) / 1000 + random.uniform() * disorder }))
      .sort((a, b) => a.key - b.key)
      .map(({ record }) => record);
    const still = records.map((record) => ({ ...record, t: START }));
    assert.deepEqual([...alertsOf(defaults(), shuffled), ...alertsOf(defaults(), still)], []);
  }
});

test("the state of the defaults is bounded, though each record brings categories that are new", () => {
  let n = 0;
  const size = (watches: Watches, seconds: number) => {
    for (let s = 1; s <= seconds; s++) {
      const byKey = counted([["a", 5] as const, ...Array.from({ length: 3 }, () => [`n${n++}`, 1] as const)]);
      const samples = Array.from({ length: 16 }, () => ({ key: "a", id: null, text: `${n}`, url: null }));
      watches.push(said(s, { events: 8, byKey, samples }), "made");
    }
    return JSON.stringify(watches.snapshot()).length;
  };
  const [short, long] = [size(defaults(), 2000), size(defaults(), 3500)];
  assert.ok(long < short * 1.3, `${short}, ${long}`);
});
