import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PLACES, STATE_NAMES } from "../../src/simulate/places.ts";
import { checkShares, sharesUnder } from "../../src/simulate/shares.ts";
import { type Effect, parseStory } from "../../src/simulate/story.ts";

const index = (name: string) => PLACES.findIndex(({ state }) => state === name);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;

test("45 states hold 41.7 % of all messages; over them the entropy is 4.5 bits", () => {
  const states = PLACES.flatMap(({ state, share }) => (state === undefined ? [] : [share]));
  assert.equal(states.length, 45);
  assert.ok(near(sum(states), 0.417));
  const entropy = -sum(states.map((share) => (share / 0.417) * Math.log2(share / 0.417)));
  assert.ok(Math.abs(entropy - 4.55) < 0.05, `${entropy}`);
});

test("a swap exchanges two shares and leaves the others", () => {
  const shares = sharesUnder([{ kind: "swap", states: ["CA", "VT"] }]);
  assert.equal(shares[index("CA")], PLACES[index("VT")]!.share);
  assert.equal(shares[index("VT")], PLACES[index("CA")]!.share);
  assert.equal(shares[index("NY")], PLACES[index("NY")]!.share);
});

test("a share is multiplied exactly and the others make room", () => {
  const shares = sharesUnder([{ kind: "share", state: "TX", factor: 5 }]);
  assert.ok(near(shares[index("TX")]!, PLACES[index("TX")]!.share * 5));
  assert.ok(near(sum(shares), 1));
});

test("a share above the whole is refused when the story is read, with the most there is", () => {
  assert.throws(
    () => checkShares(parseStory("1m:share=CA/50:1m")),
    /item "1m:share=CA\/50:1m": expected a factor below 17\.\d, for CA has 5\.8 % of all messages, got 50/,
  );
});

const state = fc.constantFrom(...STATE_NAMES);
const effect: fc.Arbitrary<Effect> = fc.oneof(
  fc.tuple(state, state).map((states) => ({ kind: "swap" as const, states })),
  fc.tuple(state, fc.double({ min: 0, max: 2, noNaN: true })).map(([name, factor]) => ({
    kind: "share" as const,
    state: name,
    factor,
  })),
);

test("shares always add up to 1 and none is negative", () =>
  fc.assert(
    fc.property(fc.array(effect, { maxLength: 3 }), (effects) => {
      const shares = sharesUnder(effects);
      assert.ok(near(sum(shares), 1));
      assert.ok(shares.every((share) => share >= 0));
    }),
  ));
