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

test("of each sixteen events the first is chosen, with a category or without", () => {
  assert.deepEqual(chosen(apart(50)), [0, 16, 32, 48]);
  assert.deepEqual(chosen(apart(50, null)), [0, 16, 32, 48]);
});

test("a category is rare from its first event on, once there were 63 others, and until it is more than 1/64", () => {
  const place = (before: number) => chosen([...apart(before), ["AK", before]]).includes(before);
  assert.equal(place(62), false);
  assert.equal(place(63), true);
  assert.deepEqual(
    chosen([...apart(66), ["AK", 66], ["AK", 67], ...apart(20, "CA", 68), ["AK", 88]]),
    [0, 16, 32, 48, 64, 66, 80],
  );
});

test("of each sixteen one rare event is chosen, the first; one that is first in both ways counts for both", () => {
  const states = ["AK", "WY", "VT"].map((state, i) => [state, 130 + i] as const);
  const begin = [0, 16, 32, 48, 64, 80, 96, 112, 128];
  assert.deepEqual(chosen([...apart(130), ...states, ...apart(11, "CA", 133), ["ND", 144]]), [
    ...begin,
    130,
    144,
  ]);
  assert.deepEqual(chosen([...apart(128), ["AK", 128], ["WY", 129], ...apart(14, "CA", 130)]), begin);
});

test("what has no category is never rare, and does not make others so", () =>
  assert.deepEqual(chosen([...apart(100, null), ["AK", 100], [null, 101]]), [0, 16, 32, 48, 64, 80, 96]));

test("no more than three of a second are chosen, the first ones", () => {
  const second = (at: number) => Array.from({ length: 100 }, () => ["CA", at] as const);
  assert.deepEqual(chosen([...second(1), ...second(2)]), [0, 16, 32, 112, 128, 144]);
});

test("past a thousand categories, further ones are not rare", () => {
  const many = Array.from({ length: 1000 }, (_, i) => [`k${i}`, i] as const);
  const places = chosen([...many, ...apart(16, "CA", 1000)]);
  assert.deepEqual(
    places.filter((place) => place >= 1000),
    [1008],
  );
});

test("the same events give the same samples, at most two of each sixteen and three a second, and each sixteen one", () =>
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
        const most = (groups: readonly number[]) =>
          Math.max(0, ...new Set(groups.map((group) => groups.filter((other) => other === group).length)));
        assert.ok(most(places.map((place) => Math.floor(place / 16))) <= 2);
        assert.ok(most(places.map((place) => events[place]![1])) <= SAMPLES_MAX);
        for (let first = 0; first < events.length; first += 16) {
          const sameSecond = places.filter(
            (place) => place < first && events[place]![1] === events[first]![1],
          );
          assert.ok(places.includes(first) || sameSecond.length === SAMPLES_MAX);
        }
      },
    ),
  ));
