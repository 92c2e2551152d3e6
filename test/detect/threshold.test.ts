import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { threshold } from "../../src/detect/threshold.ts";
import type { ThresholdRule } from "../../src/detect/threshold-rules.ts";
import { START } from "./rates.ts";
import { verdicts } from "./support.ts";

const below: ThresholdRule = { field: "avg", side: "below", limit: 20, clear: 25, holdFor: 0 };
const trend: ThresholdRule = { ...below, clear: 20, trend: { factor: 0.5, clearFactor: 0.6 } };
/** One record a second with these mean gaps. */
const averages = (values: readonly (number | null)[], from = 0) =>
  values.map((avg, i) => ({
    t: START + (from + i) * 1000,
    avg,
    events: 2,
    count: 200,
    window: 120,
    seconds: 1,
  }));
const firings = (rule: ThresholdRule, values: readonly (number | null)[]) =>
  verdicts(threshold(rule), averages(values)).map(({ firing }) => (firing ? 1 : 0));
const steady = (value: number, count: number) => Array<number>(count).fill(value);

test("between the threshold and the clearing value nothing changes", () =>
  assert.deepEqual(firings(below, [30, 22, 20, 19.9, 22, 24.9, 25, 22, 19]), [0, 0, 0, 1, 1, 1, 0, 0, 1]));

test("above is the mirror image", () =>
  assert.deepEqual(
    firings({ ...below, side: "above", limit: 25, clear: 20 }, [22, 25, 26, 22, 20.1, 20, 24]),
    [0, 0, 1, 1, 1, 0, 0],
  ));

test("it must hold for as long as told, and since is when it began to", () => {
  const said = verdicts(threshold({ ...below, holdFor: 3 }), averages([10, 10, 30, 10, 10, 10, 10]));
  assert.deepEqual(
    said.map(({ firing }) => firing),
    [false, false, false, false, false, false, true],
  );
  assert.equal(said.at(-1)!.since, START + 3000);
});

test("a record whose field is unknown neither fires nor clears", () =>
  assert.deepEqual(firings({ ...below, holdFor: 2 }, [10, null, 10, null, 30]), [0, 0, 1, 1, 0]));

test("records of a source that is away, of no seconds, or stale are no evidence", () => {
  for (const mark of [{ connected: false }, { seconds: 0 }, { stale: 15 }]) {
    const [calm, odd] = averages([30, 10]);
    assert.equal(verdicts(threshold(below), [calm!, { ...odd!, ...mark }]).at(-1)!.firing, false);
  }
});

test("the initial threshold holds through the warm-up, half the median after it", () => {
  const said = verdicts(threshold(trend), averages([...steady(40, 61), 25, 19, 23, 24]));
  assert.deepEqual(
    said.slice(-4).map(({ firing }) => firing),
    [false, true, true, false],
  );
  assert.equal(said[59]!.threshold, 20);
  assert.equal(said[61]!.threshold, 20);
  assert.equal(said[61]!.baseline, 40);
  const far = verdicts(threshold(trend), averages(steady(400, 70)));
  assert.equal(far.at(-1)!.threshold, 200);
});

test("a steady stream far below the initial threshold is left alone once the median is known", () => {
  const said = verdicts(threshold(trend), averages(steady(0.75, 300)));
  assert.ok(said.slice(61).every(({ firing }) => !firing));
  assert.equal(said[62]!.ended, "new-normal");
  assert.equal(said.at(-1)!.threshold, 0.375);
});

test("an initial threshold of nothing is silent until the trend is known", () => {
  const said = verdicts(threshold({ ...trend, limit: 0, clear: 0 }), averages([...steady(0.75, 100), 0.3]));
  assert.deepEqual(
    said.flatMap(({ firing }, i) => (firing ? [i] : [])),
    [100],
  );
});

test("100 events are needed before the trend counts", () => {
  const records = averages(steady(400, 300)).map((record) => ({ ...record, events: 0.5 }));
  const said = verdicts(threshold(trend), records);
  assert.equal(said[150]!.threshold, 20);
  assert.equal(said[250]!.threshold, 200);
});

test("a window of few gaps is not believed until it has been watched for its whole length", () => {
  const few = averages(steady(1, 200)).map((record) => ({ ...record, count: 3 }));
  const said = verdicts(threshold(trend), few);
  assert.deepEqual(
    said.slice(0, 120).filter(({ firing }) => firing),
    [],
  );
  assert.equal(said[121]!.firing, true);
  assert.equal(verdicts(threshold(below), few.slice(0, 1))[0]!.firing, true);
});

test("the median does not learn the anomaly, and after 15 min the new level is the usual one", () => {
  const said = verdicts(threshold(trend), averages([...steady(40, 100), ...steady(10, 1000)]));
  assert.ok(said.slice(100, 1000).every(({ firing, baseline }) => firing && baseline === 40));
  const after = said.slice(1000);
  assert.ok(after.every(({ firing, baseline }) => !firing && baseline === 10));
  assert.equal(after[0]!.ended, "new-normal");
});

test("while an episode is open the median stands still", () => {
  const detector = threshold(trend);
  verdicts(detector, averages(steady(40, 100)));
  const said = verdicts(detector, averages(steady(30, 2000), 100), true);
  assert.equal(said.at(-1)!.baseline, 40);
});

test("a clause has numbers, units, since when and what is usual, and never claims more than is so", () => {
  const detector = threshold({ ...below, limit: 0.37, clear: 0.5 });
  verdicts(detector, averages(steady(0.74, 100)));
  verdicts(detector, averages([0.34], 100));
  assert.equal(
    detector.clause("firing", 0),
    "events come faster: the mean gap is 0.34 s, below 0.37 s since 12:01:40 UTC; usual is 0.74 s",
  );
  verdicts(detector, averages([0.36999], 101));
  assert.match(detector.clause("firing", 0), /is 0\.36999 s, below 0\.37 s since/);
  verdicts(detector, averages([0.45], 102));
  assert.equal(
    detector.clause("firing", 0),
    "the mean gap is 0.45 s, not yet back at 0.5 s, after it went below 0.37 s at 12:01:40 UTC; usual is 0.74 s",
  );
  verdicts(detector, averages([0.7], 103));
  assert.equal(detector.clause("resolved", 0), "the mean gap is 0.7 s now; usual is 0.74 s");
});

test("a share is told in per cent, another field by its name", () => {
  const share = threshold({ field: "share.CA", side: "below", limit: 0.15, clear: 0.15, holdFor: 0 });
  verdicts(share, [{ t: START, share: { CA: 0.12 } }]);
  assert.equal(share.clause("firing", 0), "the share of CA is 12 %, below 15 % since 12:00:00 UTC");
  const other = threshold({ field: "queue", side: "above", limit: 5, clear: 5, holdFor: 0 });
  verdicts(other, [{ t: START, queue: 1234 }]);
  assert.equal(other.clause("firing", 0), "queue is 1,234, above 5 since 12:00:00 UTC");
});

test("a restored detector goes on alike, wherever it was cut", () =>
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { freq: 9 }), {
        minLength: 2,
        maxLength: 300,
      }),
      fc.nat(),
      (values, cut) => {
        const at = cut % values.length;
        for (const rule of [{ ...below, holdFor: 2 }, trend]) {
          const whole = verdicts(threshold(rule), averages(values));
          const first = threshold(rule);
          const head = verdicts(first, averages(values.slice(0, at)));
          const second = threshold(rule);
          second.restore(JSON.parse(JSON.stringify(first.snapshot())));
          assert.deepEqual([...head, ...verdicts(second, averages(values.slice(at), at))], whole);
        }
      },
    ),
    { numRuns: 50 },
  ));
