import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SAMPLES_MAX, SampleChooser } from "../../src/distribution/sampling.ts";

/** The places of the events that are chosen, of categories that come at these seconds. */
function chosen(events: readonly (readonly [category: string | null, second: number])[]): number[] {
  const chooser = new SampleChooser();
  return events.flatMap(([category, second], place) => (chooser.chooses(category, second) ? [place] : []));
}
/** As many events of a category, a second each. */
const apart = (count: number, category: string | null = "CA", from = 0) =>
  Array.from({ length: count }, (_, i) => [category, from + i] as const);

test("no event, no sample; one event is one", () => {
  assert.deepEqual(chosen([]), []);
  assert.deepEqual(chosen([["CA", 7]]), [0]);
  assert.deepEqual(chosen([[null, 7]]), [0]);
});

test("of each category the first of eight events is chosen, and of those without one", () => {
  assert.deepEqual(chosen(apart(25)), [0, 8, 16, 24]);
  assert.deepEqual(chosen(apart(25, null)), [0, 8, 16, 24]);
});

test("a new category is chosen at once, whatever comes beside it", () => {
  const events = [...apart(100), ["AK", 100] as const, ...apart(3, "CA", 101), ["AK", 104] as const];
  assert.deepEqual(
    chosen(events).filter((place) => place >= 97),
    [100],
  );
});

test("one that comes more often is seen within eight of its events", () => {
  const events = [...apart(40), ...apart(9, "TX", 40)];
  assert.deepEqual(
    chosen(events).filter((place) => place >= 40),
    [40, 48],
  );
});

test("no more than three of a second are chosen, the first ones", () => {
  const second = (at: number) => Array.from({ length: 100 }, () => ["CA", at] as const);
  assert.deepEqual(chosen([...second(1), ...second(2)]), [0, 8, 16, 104, 112, 120]);
});

test("past a thousand categories, further ones are counted together", () => {
  const many = Array.from({ length: 1000 }, (_, i) => [`k${i}`, i] as const);
  const further = Array.from({ length: 17 }, (_, i) => [`z${i}`, 1000 + i] as const);
  assert.deepEqual(
    chosen([...many, ...further]).filter((place) => place >= 1000),
    [1000, 1008, 1016],
  );
});

test("the same events give the same samples, at most three a second, and of each category its first", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("CA", "CA", "CA", "NY", "AK", null), fc.nat({ max: 2 })), {
        maxLength: 400,
      }),
      (steps) => {
        let second = 0;
        const events = steps.map(([category, wait]) => {
          second += wait === 2 ? 1 : 0;
          return [category, second] as const;
        });
        const places = chosen(events);
        assert.deepEqual(places, chosen(events));
        const seconds = places.map((place) => events[place]![1]);
        for (const at of seconds) assert.ok(seconds.filter((other) => other === at).length <= SAMPLES_MAX);
        for (const key of new Set(events.map(([category]) => category))) {
          const first = events.findIndex(([category]) => category === key);
          const before = places.filter((place) => place < first && events[place]![1] === events[first]![1]);
          assert.ok(places.includes(first) || before.length === SAMPLES_MAX);
        }
      },
    ),
  ));
