import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type PlacedEvent, placedGaps } from "../../src/rate/placed-gaps.ts";
import type { PlacedGap } from "../../src/records/gap.ts";
import type { Place } from "../../src/records/place.ts";
import type { Resumed } from "../../src/records/resumed.ts";

const LATENESS = 1000;

/** A message of a source that remembers them all: its number is its place. */
interface Message {
  readonly t: number;
  readonly number: number;
}

/** What a store has of the gaps that were committed. */
interface Stored {
  readonly gaps: { readonly t: number; readonly diff: number }[];
  place: Place | undefined;
  edge: { t: number; prints: string[] } | undefined;
}

function store(stored: Stored, { t, diff, place, prints = [] }: PlacedGap): void {
  stored.gaps.push({ t, diff });
  if (place !== undefined && place.passed >= (stored.place?.passed ?? 0)) stored.place = place;
  if (prints.length === 0) return;
  if (stored.edge?.t !== t) stored.edge = { t, prints: [] };
  stored.edge.prints.push(...prints);
}

const eventOf = ({ t, number }: Message, at: number): PlacedEvent => ({
  t,
  at,
  cursor: String(number),
  print: `print-${number}`,
});

/** How a source is asked for what comes after a place, or for all. */
type Ask = (messages: readonly Message[], place: Place | undefined) => readonly Message[];
const byNumber: Ask = (messages, place) =>
  place === undefined ? messages : messages.filter(({ number }) => number > Number(place.cursor));
const byTime: Ask = (messages, place) =>
  place === undefined ? messages : messages.filter(({ t }) => t >= place.passed - 2 * LATENESS);

/** One run: reads so many messages, of whose gaps so many are committed before it is killed; to the end without a number. */
function run(
  stored: Stored,
  { messages, ask }: { messages: readonly Message[]; ask: Ask },
  kill?: { readonly after: number; readonly committed: number },
): void {
  const { place, edge } = stored;
  const resumed: Pick<Resumed, "passed" | "gaps"> = {
    ...(place !== undefined && { passed: place.passed }),
    ...(edge !== undefined && { gaps: edge }),
  };
  const gaps: PlacedGap[] = [];
  const stage = placedGaps<PlacedEvent>({
    lateness: LATENESS,
    resumed,
    first() {},
    late() {},
    repeated() {},
  })((gap) => gaps.push(gap));
  const now = messages.reduce((max, { t }) => Math.max(max, t), 0);
  const asked = ask(messages, place);
  for (const message of asked.slice(0, kill?.after)) stage.push(eventOf(message, now));
  if (kill === undefined) stage.end?.();
  for (const gap of gaps.slice(0, kill?.committed)) store(stored, gap);
}

const inOrder = (messages: readonly Message[]) => {
  const times = messages.map(({ t }) => t).sort((a, b) => a - b);
  return times.slice(1).map((t, i) => ({ t, diff: (t - times[i]!) / 1000 }));
};

const streams = fc
  .array(fc.record({ step: fc.integer({ min: 0, max: 300 }), behind: fc.nat(400) }), {
    minLength: 2,
    maxLength: 60,
  })
  .map((steps) => {
    let now = 1_000_000;
    return steps.map(({ step, behind }, number): Message => {
      now += step < 100 ? 0 : step;
      return { t: now - (behind < 200 ? 0 : behind), number };
    });
  });
const kills = fc.array(fc.record({ after: fc.nat(60), committed: fc.nat(60) }), { maxLength: 6 });

for (const [name, ask] of [
  ["by its own places", byNumber],
  ["by time", byTime],
] as const) {
  test(`whatever is killed when, each gap is there once: a source that goes on ${name}`, () =>
    fc.assert(
      fc.property(streams, kills, (messages, cuts) => {
        const stored: Stored = { gaps: [], place: undefined, edge: undefined };
        for (const kill of cuts) run(stored, { messages, ask }, kill);
        run(stored, { messages, ask });
        assert.deepEqual(stored.gaps, inOrder(messages));
      }),
      { numRuns: 500 },
    ));
}

test("a place lies before the event held longest, and events without one have no place", () => {
  const gaps: PlacedGap[] = [];
  const stage = placedGaps<PlacedEvent>({ lateness: LATENESS, first() {}, late() {}, repeated() {} })((gap) =>
    gaps.push(gap),
  );
  for (let number = 0; number < 10; number++) {
    stage.push(eventOf({ t: 1000 * number, number }, 1000 * number));
  }
  // The events of the last second are held: number 9, and 8 was released by it.
  assert.deepEqual(gaps.at(-1)?.place, { cursor: "8", passed: 8000 });
  assert.deepEqual(gaps.at(-1)?.prints, ["print-8"]);
  stage.push({ t: 20_000, at: 20_000 });
  stage.push({ t: 30_000, at: 30_000 });
  assert.equal(gaps.at(-1)?.prints, undefined);
});

test("what comes again of an earlier run is told apart from what is too late", () => {
  const told = { late: 0, repeated: 0 };
  const stage = placedGaps<PlacedEvent>({
    lateness: LATENESS,
    resumed: { passed: 9000, gaps: { t: 10_000, prints: ["a", "a"] } },
    first: () => assert.fail("there was one before"),
    late: () => told.late++,
    repeated: () => told.repeated++,
  })(() => {});
  const push = (t: number, print: string) => stage.push({ t, at: 20_000, cursor: "1", print });
  push(9500, "z");
  for (const print of ["a", "a", "a"]) push(10_000, print);
  push(15_000, "b");
  push(9500, "c");
  stage.end?.();
  assert.deepEqual(told, { late: 1, repeated: 3 });
});
