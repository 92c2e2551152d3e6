import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ToolError } from "../../src/core/errors.ts";
import { parseStory } from "../../src/simulate/story.ts";
import { readStory } from "../../src/simulate/story-sources.ts";

const refusal = (text: string): string => {
  try {
    parseStory(text);
  } catch (error) {
    assert.ok(error instanceof ToolError && error.kind === "usage");
    return error.message;
  }
  return assert.fail(`accepted ${text}`);
};

test("each effect is read with its value and its span", () => {
  const story = parseStory(
    "30s:surge=4:60s,3m:silence:45s,4m:swap=CA/ny:5m,2m:cut,5m:stall:20s,6m:garbage=5,7m:share=TX/5:5m",
  );
  assert.deepEqual(
    story.map(({ at, lasts, effect }) => ({ at, lasts, effect })),
    [
      { at: 30_000, lasts: 60_000, effect: { kind: "surge", factor: 4 } },
      { at: 180_000, lasts: 45_000, effect: { kind: "silence" } },
      { at: 240_000, lasts: 300_000, effect: { kind: "swap", states: ["CA", "NY"] } },
      { at: 120_000, lasts: 0, effect: { kind: "cut" } },
      { at: 300_000, lasts: 20_000, effect: { kind: "stall" } },
      { at: 360_000, lasts: 0, effect: { kind: "garbage", lines: 5 } },
      { at: 420_000, lasts: 300_000, effect: { kind: "share", state: "TX", factor: 5 } },
    ],
  );
});

test("repeated items happen first after one span", () => {
  const [cut, surge] = parseStory("every=5s:cut, every = 1m : surge=2 : 10s");
  assert.deepEqual([cut!.at, cut!.every], [5000, 5000]);
  assert.deepEqual([surge!.at, surge!.every, surge!.lasts], [60_000, 60_000, 10_000]);
});

test("what lasts without a span lasts to the end", () => {
  assert.equal(parseStory("1s:silence")[0]!.lasts, Number.POSITIVE_INFINITY);
});

test("lines, comments and blanks part items as commas do", () => {
  const story = parseStory("# a day\n1s:cut, 2s:cut # twice\n\n  3s:garbage\n");
  assert.deepEqual(
    story.map(({ at }) => at),
    [1000, 2000, 3000],
  );
  assert.deepEqual(parseStory(" \n# nothing\n"), []);
});

test("a mistake is told with its item, and its line where there are several", () => {
  assert.match(
    refusal("3m:silnce:45s"),
    /^item "3m:silnce:45s": expected surge, .* got "silnce" \(did you mean silence\?\)/,
  );
  assert.match(
    refusal("1s:cut\n2s:surge=x:5s"),
    /^line 2, item "2s:surge=x:5s": expected a number from 0 to 10000/,
  );
  assert.match(refusal("30:surge=4:60s"), /a unit is missing: 30s\?/);
  assert.match(refusal("1s:cut:5s"), /expected no span, for cut happens in an instant, got "5s"/);
  assert.match(refusal("1s:swap=CA/XX:5s"), /expected one of the states .* got "XX"/);
  assert.match(refusal("1s:swap=CA:5s"), /expected swap=CA\/VT, got "CA"/);
  assert.match(refusal("1s:garbage=1.5"), /expected a whole number/);
  assert.match(refusal("1s:silence=3:5s"), /expected no value, got "3"/);
  assert.match(refusal("every=10s:silence"), /expected how long it lasts/);
  assert.match(refusal("every=10s:silence:11s"), /no longer than from one time to the next/);
  assert.match(refusal("cut"), /expected AT:WHAT/);
  assert.match(refusal("1s:surge=2:5s:6s"), /expected AT:WHAT/);
});

test("times are whole ms, exactly as written", () =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e8 }), (ms) => {
      assert.equal(parseStory(`${ms / 1000}s:cut`)[0]!.at, ms);
    }),
  ));

test("the story of the demonstration begins after 30 s, with a surge", () => {
  const [first] = readStory("demo");
  assert.deepEqual(first?.effect, { kind: "surge", factor: 4 });
  assert.equal(first?.at, 30_000);
});

test("a word that is no story, no file and no name is refused with what is known", () => {
  assert.throws(() => readStory("dmo"), /expected a story .* or demo, got "dmo" \(did you mean demo\?\)/);
  assert.throws(() => readStory("@/nowhere/at-all"), /\/nowhere\/at-all: cannot read: no such file/);
});
