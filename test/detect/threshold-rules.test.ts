import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseFactor,
  parseFieldWord,
  type ThresholdOptions,
  thresholdRules,
} from "../../src/detect/threshold-rules.ts";

const rules = (options: Partial<ThresholdOptions>) => thresholdRules({ for: 0, ...options });
const words = (...texts: string[]) =>
  texts.reduce<ReturnType<typeof parseFieldWord>>((all, text) => parseFieldWord(text, all), []);

test("a rule clears at its own threshold unless told", () => {
  assert.deepEqual(rules({ below: words("avg=20s") }), [
    { field: "avg", side: "below", limit: 20, clear: 20, holdFor: 0 },
  ]);
  const told = rules({ below: words("avg=20s"), clear: words("avg=25s"), for: 10 });
  assert.deepEqual(told, [{ field: "avg", side: "below", limit: 20, clear: 25, holdFor: 10 }]);
});

test("per cent are hundredths; several fields give several rules, --below first", () => {
  const said = rules({ above: words("entropy=4.2"), below: words("share.CA=15%", "avg=250ms") });
  assert.deepEqual(
    said.map(({ field, side, limit }) => [field, side, limit]),
    [
      ["share.CA", "below", 0.15],
      ["avg", "below", 0.25],
      ["entropy", "above", 4.2],
    ],
  );
});

test("--initial alone is about avg falling, and the trend is half the median, cleared at six tenths", () => {
  assert.deepEqual(rules({ initial: "20s" }), [
    {
      field: "avg",
      side: "below",
      limit: 20,
      clear: 20,
      holdFor: 0,
      trend: { factor: 0.5, clearFactor: 0.6 },
    },
  ]);
  assert.deepEqual(rules({ initial: "20s", below: words("avg=20s") }), rules({ initial: "20s" }));
});

test("--above mirrors the factors", () => {
  const [rule] = rules({ initial: "3", above: words("rate") });
  assert.equal(rule!.trend!.factor, 2);
  assert.ok(Math.abs(rule!.trend!.clearFactor - 5 / 3) < 1e-12);
});

for (const [name, options, message] of [
  [
    "a clear on the firing side",
    { below: words("avg=20s"), clear: words("avg=19s") },
    /at or above its threshold/,
  ],
  [
    "a clear above an upper threshold",
    { above: words("n=3"), clear: words("n=4") },
    /at or below its threshold/,
  ],
  [
    "a clear of another field",
    { below: words("avg=20s"), clear: words("n=4") },
    /a field of --below or --above, got n/,
  ],
  [
    "a clear of a field with two thresholds",
    { below: words("n=1"), above: words("n=3"), clear: words("n=2") },
    /two thresholds/,
  ],
  ["a clear without a value", { below: words("avg=20s"), clear: words("avg") }, /expected FIELD=VALUE/],
  [
    "a field without a value",
    { below: words("avg") },
    /--below: expected avg=VALUE, got "avg" \(or say --initial/,
  ],
  [
    "--initial with several fields",
    { initial: "20s", below: words("avg", "n=1") },
    /one field in --below or --above, got several/,
  ],
  ["--initial without a unit", { initial: "20" }, /^--initial: expected a span of time with a unit/],
  ["--initial beside another value", { initial: "20s", below: words("avg=10s") }, /already has a value/],
  [
    "--factor without --initial",
    { below: words("avg=10s"), factor: 0.3 },
    /--initial must say where to begin/,
  ],
  ["a factor that always fires", { initial: "20s", factor: 1.5 }, /expected one below 1/],
  [
    "a clearing factor that still fires",
    { initial: "20s", factor: 0.5, clearFactor: 0.4 },
    /no longer fires/,
  ],
] as const) {
  test(`${name} is refused`, () => assert.throws(() => rules(options), { kind: "usage", message }));
}

test("words that are no FIELD=VALUE are refused", () => {
  assert.throws(() => parseFieldWord("=20s"), { message: /expected FIELD=VALUE/ });
  assert.throws(() => parseFieldWord("avg=20"), { message: /a unit is missing/ });
  assert.throws(() => parseFieldWord("rate=fast"), { message: /a number or per cent for rate/ });
  assert.throws(() => parseFieldWord("rate="), { message: /a number or per cent for rate/ });
  assert.throws(() => words("n=1", "n=2"), { message: /each field once/ });
  for (const text of ["", "0", "-1", "x", "1e9"])
    assert.throws(() => parseFactor(text), { message: /a factor/ });
});
