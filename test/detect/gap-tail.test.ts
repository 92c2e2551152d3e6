import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { GapTail } from "../../src/detect/gap-tail.ts";
import { uniform } from "./rates.ts";

const DAY = 86_400;

function fed(lengths: readonly number[], halfLife = DAY): GapTail {
  const tail = new GapTail(halfLife);
  for (const length of lengths) {
    tail.observe(length);
    tail.add(length);
  }
  return tail;
}

test("fewer than ten silences say nothing", () => {
  assert.equal(fed(Array(9).fill(3)).lengthAt(1), undefined);
  assert.equal(fed(Array(9).fill(3)).expectedPerDay(100), undefined);
  assert.ok(fed(Array(11).fill(3)).lengthAt(1)! > 2.9);
});

test("exponential silences of mean m are exceeded once a day at about m ln(gaps a day), and not below", () => {
  const random = uniform(5);
  const tail = fed(Array.from({ length: 8640 }, () => -10 * Math.log(random())));
  const exact = 10 * Math.log(DAY / 10);
  const length = tail.lengthAt(1)!;
  assert.ok(length > exact * 0.95 && length < exact * 1.5, `${length} against ${exact}`);
});

test("a few long silences among many short ones count for what they are", () => {
  const mixed = Array.from({ length: 2000 }, (_, i) => (i % 50 === 0 ? 40 : 0.5));
  assert.ok(fed(mixed).lengthAt(1)! > 40);
});

test("at the length that it gives, no more than asked for are expected, and fewer beyond", () =>
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 11, maxLength: 200 }),
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      (lengths, perDay) => {
        const tail = fed(lengths, 1e15);
        const length = tail.lengthAt(perDay)!;
        assert.ok(Number.isFinite(length));
        assert.ok(tail.expectedPerDay(length)! <= perDay * (1 + 1e-6));
        assert.ok(tail.expectedPerDay(length * 2)! <= tail.expectedPerDay(length)!);
      },
    ),
    { numRuns: 100 },
  ));

test("what was seen is forgotten by halves, however long it runs, and stays finite", () => {
  const tail = fed(Array(40).fill(50), 900);
  const before = tail.count;
  tail.observe(900);
  assert.ok(Math.abs(tail.count - before / 2) < 1e-9);
  for (let i = 0; i < 1000; i++) tail.observe(900);
  assert.ok(tail.count < 1e-9);
  tail.add(3);
  assert.ok(Math.abs(tail.count - 1) < 1e-9);
  assert.ok(tail.longest >= 3 && tail.longest < 4);
});

test("a restored tail goes on alike", () => {
  const tail = fed(
    [...Array(30)].map((_, i) => i),
    900,
  );
  const again = new GapTail(900);
  again.restore(JSON.parse(JSON.stringify(tail.snapshot())));
  assert.deepEqual(again.snapshot(), tail.snapshot());
  assert.equal(again.lengthAt(1), tail.lengthAt(1));
});

test("it tells what the silences themselves tell, each in its bin and with its weight", () =>
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 120 }),
      fc.double({ min: 1e-2, max: 1e3, noNaN: true }),
      (lengths, perDay) => {
        const halfLife = 3600;
        const tail = fed(lengths, halfLife);
        // Naively: every silence again, by the edge of its bin and its age, s.
        let age = 0;
        const silences = lengths.toReversed().map((length) => {
          const weight = 2 ** (-age / halfLife);
          age += length;
          const edge = 2 ** (Math.floor(4 * Math.log2(length * 1000)) / 4) / 1000;
          return { length, weight, edge, exposure: 0 };
        });
        // Time is heard before the silence that ended then is added, and weighs what it weighs at its end.
        const exposure = silences.reduce((sum, { length, weight }) => sum + length * weight, 0);
        let expected: number | undefined;
        for (const { edge } of silences) {
          const beyond = silences.filter((silence) => silence.edge >= edge);
          const count = beyond.reduce((sum, { weight }) => sum + weight, 0);
          if (count < 10) continue;
          const whole = beyond.reduce((sum, { weight, length }) => sum + weight * length, 0);
          const excess = Math.max(whole - count * edge, 0.001);
          const a = (count * DAY) / Math.max(exposure, 1);
          const more = a > perDay ? excess * ((a / perDay) ** (1 / count) - 1) : 0;
          expected = Math.max(expected ?? 0, edge + more);
        }
        const got = tail.lengthAt(perDay);
        if (expected === undefined || got === undefined) return assert.equal(got, expected);
        assert.ok(Math.abs(got - expected) <= 1e-6 * expected, `${got} is not ${expected}`);
        const count = silences.reduce((sum, { weight }) => sum + weight, 0);
        assert.ok(Math.abs(tail.count - count) <= 1e-9 * count);
      },
    ),
    { numRuns: 60 },
  ));
