import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  chanceOnceIn,
  formatRates,
  formatShare,
  listed,
  nameIn,
  PLAIN_WORDS,
} from "../../src/detect/change-words.ts";

test("a rate has a unit that suits it, and the other one is in the same", () => {
  assert.deepEqual(formatRates(4.123, 1.3), ["4.1 a second", "1.3"]);
  assert.deepEqual(formatRates(0.5, 0), ["0.5 a second", "0"]);
  assert.deepEqual(formatRates(0.05, 0.1), ["3 a minute", "6"]);
  assert.deepEqual(formatRates(0.001, 0.002), ["3.6 an hour", "7.2"]);
  assert.deepEqual(formatRates(1 / 86_400, 0), ["1 a day", "0"]);
  assert.deepEqual(formatRates(0, 0), ["0 a day", "0"]);
  assert.deepEqual(formatRates(0, 9.8), ["0 a second", "9.8"]);
  assert.deepEqual(formatRates(12_345, 1), ["12,345 a second", "1"]);
});

test("a share is in per cent, of at most three figures", () => {
  for (const [share, text] of [
    [0, "0 %"],
    [1, "100 %"],
    [0.3612, "36.1 %"],
    [0.0049, "0.49 %"],
    [1e-7, "0.00001 %"],
  ] as const) {
    assert.equal(formatShare(share), text);
  }
});

test("how often chance does something is told in what suits it, from seconds to over 100 years", () => {
  const [hour, day, year] = [3600, 86_400, 365.25 * 86_400];
  for (const [seconds, text] of [
    [1, "about once in 1 s"],
    [90, "about once in 90 s"],
    [300, "about once in 5 min"],
    [5 * hour, "about once in 5 h"],
    [20 * hour, "about once a day"],
    [1.9 * day, "about once a day"],
    [2 * day, "about once in 2 days"],
    [24 * day, "about once in 24 days"],
    [26 * day, "about once a month"],
    [61 * day, "about once in 2 months"],
    [299 * day, "about once in 10 months"],
    [301 * day, "about once a year"],
    [1.9 * year, "about once a year"],
    [2 * year, "about once in 2 years"],
    [99 * year, "about once in 99 years"],
    [100 * year, "less than once in 100 years"],
    [1e300, "less than once in 100 years"],
    [Number.POSITIVE_INFINITY, "less than once in 100 years"],
  ] as const) {
    assert.equal(chanceOnceIn(seconds), text);
  }
});

test("any number of seconds makes a sentence", () =>
  fc.assert(
    fc.property(fc.double({ min: 1, noNaN: true }), (seconds) => {
      assert.match(chanceOnceIn(seconds), /^(about|less than) once (a \w+|in [\d.]+ \w+( \d+ \w+)?)$/);
    }),
  ));

test("none, one, two and more are listed", () => {
  assert.deepEqual(
    [[], ["a"], ["a", "b"], ["a", "b", "c"]].map((parts) => listed(parts)),
    ["", "a", "a and b", "a, b and c"],
  );
});

test("a category is called by its name, on one line and not too long; one without a name is shown to have none", () => {
  const words = { noun: "RSVP", nameOf: (category: string) => (category === "TX" ? "Texas" : category) };
  assert.equal(nameIn(words, "TX"), "Texas");
  assert.equal(nameIn(PLAIN_WORDS, "TX"), "TX");
  assert.equal(nameIn(PLAIN_WORDS, ""), '""');
  assert.equal(nameIn(PLAIN_WORDS, " \n"), '""');
  assert.equal(nameIn(PLAIN_WORDS, "a\nb"), "a b");
  assert.equal(nameIn(PLAIN_WORDS, "__proto__"), "__proto__");
  assert.ok([...nameIn(PLAIN_WORDS, "x".repeat(100_000))].length <= 60);
});
