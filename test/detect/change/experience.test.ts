import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Experience } from "../../../src/detect/change/experience.ts";
import { notFinite, saved } from "../changes.ts";

const DAY = 86_400;
/** Theory has a passage above 5.7 about once in 300 s. */
const THEORY_SECONDS = Math.exp(5.7);
const THRESHOLD = Math.log(DAY);

/** Passages with this excess, one in so many seconds. */
function passing(excess: number, spacing: number, passages: number): Experience {
  const experience = new Experience();
  for (let i = 0; i < passages; i++) {
    experience.push(5.7 + excess, 1);
    experience.push(0, spacing - 1);
  }
  return experience;
}
const near = (a: number, b: number, by = 1e-9) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

test("without experience a score is what theory has it", () => {
  const experience = new Experience();
  for (const score of [0, 1, 5.7, 9, 30, 1e6])
    near(experience.calibrated(score, THRESHOLD), score, score * 1e-9);
  near(experience.level(THRESHOLD), THRESHOLD);
});

test("a stream that does as theory has it stays there", () => {
  const experience = passing(1, THEORY_SECONDS, 300);
  near(experience.level(THRESHOLD), THRESHOLD, 0.05);
});

test("a heavier tail asks for more; a lighter one for less, though never for less than 0.7 of the excess", () => {
  const heavy = passing(3, THEORY_SECONDS, 300);
  assert.ok(heavy.level(THRESHOLD) > THRESHOLD + 5, `${heavy.level(THRESHOLD)}`);
  const light = passing(0.01, THEORY_SECONDS, 3000);
  assert.ok(light.level(THRESHOLD) < THRESHOLD - 1);
  near(light.level(THRESHOLD), 5.7 + (THRESHOLD - 5.7) * 0.7, 0.1);
});

test("more passages than in theory ask for more, none at all for less", () => {
  assert.ok(passing(1, THEORY_SECONDS / 10, 300).level(THRESHOLD) > THRESHOLD + 1);
  const none = new Experience();
  none.push(0, 2 * DAY);
  assert.ok(none.level(THRESHOLD) < THRESHOLD - 1);
});

test("a passage counts once, when it is over, with the greatest score that it had", () => {
  const one = new Experience();
  for (const score of [6, 9, 7, 4, 8, 3]) one.push(score, 1);
  const other = new Experience();
  for (const score of [9, 9, 9, 9, 9, 0]) other.push(score, 1);
  assert.deepEqual(saved(one.snapshot()), saved(other.snapshot()));
  const dropped = new Experience();
  for (const score of [6, 9, 7]) dropped.push(score, 1);
  dropped.drop();
  for (const score of [3, 3, 3]) dropped.push(score, 1);
  near(dropped.level(1e3) / new Experience().level(1e3), 1, 1e-3);
  assert.ok(one.level(1e3) > dropped.level(1e3));
});

test("the score whose calibrated one is the threshold is the level, and more is more", () =>
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 8, noNaN: true }),
      fc.double({ min: 2, max: 1e4, noNaN: true }),
      fc.nat(100),
      fc.double({ min: 1, max: 30, noNaN: true }),
      (excess, spacing, passages, threshold) => {
        const experience = passing(excess, spacing, passages);
        const level = experience.level(threshold);
        near(experience.calibrated(level, threshold), threshold, 1e-6);
        assert.ok(experience.calibrated(level + 1, threshold) > threshold);
        assert.ok(experience.calibrated(level * 0.9, threshold) < threshold);
      },
    ),
  ));

const burst = { peak: 60, level: 11, seconds: 12 };
const other = { peak: 60, level: 11, seconds: 300 };

test("one episode within the time in which the budget has one raises nothing", () => {
  const experience = new Experience();
  experience.told(burst, DAY);
  near(experience.level(THRESHOLD), THRESHOLD, 1e-3);
  experience.push(0, 1.1 * DAY);
  const before = experience.level(THRESHOLD);
  experience.told(burst, DAY);
  near(experience.level(THRESHOLD), before, 1e-3);
});

test("where more is told than the budget allows, the floor goes beyond a burst's peak, or a little above the level", () => {
  for (const [episode, floor] of [
    [burst, 180],
    [other, 13.2],
    [{ ...burst, peak: 21 }, 13.2],
  ] as const) {
    const experience = new Experience();
    experience.told(episode, DAY);
    experience.push(0, 600);
    experience.told(episode, DAY);
    near(experience.level(THRESHOLD), floor, floor * 0.01);
    near(experience.calibrated(floor, THRESHOLD), THRESHOLD, 0.1);
  }
});

test("the floor halves in 17 h, and then what theory has is the level again", () => {
  const experience = new Experience();
  for (let i = 0; i < 2; i++) experience.told(burst, DAY);
  const floor = experience.level(THRESHOLD);
  for (let hour = 0; hour < 17; hour++) experience.push(0, 3600);
  near(experience.level(THRESHOLD) / floor, 0.5, 0.02);
  for (let day = 0; day < 5; day++) experience.push(0, DAY);
  assert.ok(experience.level(THRESHOLD) < THRESHOLD);
});

test("what was experienced fades in days", () => {
  const experience = passing(5, 60, 300);
  const before = experience.level(THRESHOLD);
  for (let i = 0; i < 10 * 288; i++) {
    experience.push(i % 2 === 0 ? 6.7 : 0, THEORY_SECONDS / 2);
  }
  near(experience.level(THRESHOLD), THRESHOLD, 0.3);
  assert.ok(before > THRESHOLD + 10);
});

test("whatever scores come, all is finite, and a restored one goes on alike", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          score: fc.double({ min: 0, max: 1e9, noNaN: true }),
          seconds: fc.double({ min: 0.001, max: 1e8, noNaN: true }),
          told: fc.boolean(),
        }),
        { maxLength: 60 },
      ),
      fc.nat(60),
      (list, cut) => {
        const whole = new Experience();
        let parted = new Experience();
        list.forEach(({ score, seconds, told }, i) => {
          if (i === cut) {
            const state = saved(parted.snapshot());
            parted = new Experience();
            parted.restore(state);
          }
          for (const each of [whole, parted]) {
            each.push(score, seconds);
            if (told) each.told({ peak: score, level: 11, seconds }, DAY);
          }
          const [calibrated, level] = [whole.calibrated(score, THRESHOLD), whole.level(THRESHOLD)];
          assert.ok(Number.isFinite(calibrated) && calibrated >= 0 && Number.isFinite(level) && level > 0);
        });
        assert.deepEqual(notFinite(whole.snapshot()), []);
        assert.deepEqual(parted.snapshot(), whole.snapshot());
      },
    ),
    { numRuns: 60 },
  ));

test("a damaged snapshot is refused", () => {
  assert.throws(() => new Experience().restore({ passages: null }), { kind: "badInput" });
});
