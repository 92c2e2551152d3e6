import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as f from "../../src/page/format.ts";

test("a rate keeps its places from second to second", () => {
  const told = [0, 0.416, 1, 9.84, 31.26, 1234.4, null, Number.NaN].map((rate) => f.formatRate(rate));
  assert.deepEqual(told, ["0.0", "0.42", "1.0", "9.8", "31.3", "1,234", "–", "–"]);
});

test("a share has two figures, however small", () => {
  const told = [0, 0.00004, 0.0042, 0.0883, 0.356, 1, null].map((share) => f.formatShare(share));
  assert.deepEqual(told, ["0 %", "< 0.01 %", "0.42 %", "8.8 %", "36 %", "100 %", "–"]);
});

test("a ratio is told only where something is usual", () => {
  const told = [
    [31, 9.8],
    [0.1, 9],
    [0, 9],
    [900, 1],
    [1, 0],
    [1, null],
  ].map(([now, usual]) => f.formatRatio(now!, usual!));
  assert.deepEqual(told, ["3.2 ×", "< 0.1 ×", "0.0 ×", "> 99 ×", undefined, undefined]);
});

test("a span is told in its two largest units", () => {
  const told = [0.0321, 12, 320, 11_100, 187_200, null].map((span) => f.formatSpan(span));
  assert.deepEqual(told, ["0.032 s", "12 s", "5 min 20 s", "3 h 5 min", "2 d 4 h", "–"]);
});

test("a time is UTC, and has its date when that is another day's", () => {
  const noon = Date.UTC(2026, 0, 30, 12, 31, 4);
  assert.equal(f.formatTime(noon), "12:31:04");
  assert.equal(f.formatDayTime(noon, noon + 1000), "12:31:04");
  assert.equal(f.formatDayTime(noon, noon + 86_400_000), "2026-01-30 12:31:04");
  assert.equal(f.formatTime(1e300), "00:00:00");
});

test("what one event is called has a plural", () => {
  assert.deepEqual(["RSVP", "entry", "match", "day"].map(f.plural), ["RSVPs", "entries", "matches", "days"]);
  assert.equal(f.counted(1, "RSVP"), "1 RSVP");
  assert.equal(f.counted(1842, "RSVP"), "1,842 RSVPs");
});

test("text from the stream turns no direction, breaks no line, and ends", () => {
  assert.equal(f.shown("\u202egnp.evil\u202c\n\u0007x"), "gnp.evil x");
  assert.equal(f.shown("abcdef", 4), "abc…");
  assert.equal(f.shownName(""), "“”");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
      const plain = f.shown(text, 100);
      assert.ok([...plain].length <= 100);
      assert.doesNotMatch(plain, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test("a sentence loses the name of its stream, and no other", () => {
  assert.equal(f.withoutStream("demo: an RSVP from Alaska.", "demo"), "An RSVP from Alaska.");
  assert.equal(f.withoutStream("other: it.", "demo"), "Other: it.");
});

test("only http and https are followed", () => {
  assert.equal(f.safeLink("https://example.com/a?b=1"), "https://example.com/a?b=1");
  for (const url of ["javascript:alert(1)", " JAVASCRIPT:alert(1)", "data:text/html,x", "//x", "", null])
    assert.equal(f.safeLink(url), undefined);
});
