import assert from "node:assert/strict";
import { test } from "node:test";
import { PLAIN_WORDS } from "../../src/detect/change-words.ts";
import { buildDetectors } from "../../src/detect/detectors.ts";
import { Suggestions } from "../../src/detect/suggestions.ts";
import { made } from "./changes.ts";

const suggestions = () =>
  new Suggestions((_, falseAlarms) =>
    buildDetectors(["rate"], { rules: [], lateness: 5, falseAlarms, words: PLAIN_WORDS }),
  );
const commandOf = (budget: string) => `check-detect --false-alarms ${budget}`;

test("each budget is told with what it would have told, and the command for it", () => {
  const tried = suggestions();
  const rates = (s: number) => ({ a: s >= 900 && s < 1200 ? 40 : 10 });
  for (const record of made(rates, 1500)) tried.push(record, "made");
  const [day, week, ...more] = tried.suggestions(commandOf);
  assert.deepEqual([day!.suggestion, week!.suggestion, more.length], ["1/day", "1/week", 0]);
  assert.deepEqual([day!.episodes, week!.episodes, day!.seconds], [1, 1, 1499]);
  assert.match(day!.alerts[0]!.text, /^made: events come [34][\d.]* times as fast as usual/);
  assert.equal(week!.command, "check-detect --false-alarms 1/week");
  const [first, second, ...rest] = day!.text.split("\n");
  assert.equal(first, "1/day would have told 1 episode in 24 min 59 s: check-detect --false-alarms 1/day");
  assert.equal(second, `  ${day!.alerts[0]!.text}`);
  assert.deepEqual(rest, []);
});

test("what would have told nothing says so; no records are no time", () => {
  const calm = suggestions();
  for (const record of made(() => ({ a: 10 }), 600)) calm.push(record, "made");
  assert.match(
    calm.suggestions(commandOf)[0]!.text,
    /^1\/day would have told nothing in 9 min 59 s \(little to judge by.*\): /,
  );
  assert.deepEqual(
    suggestions()
      .suggestions(commandOf)
      .map(({ episodes, seconds }) => [episodes, seconds]),
    [
      [0, 0],
      [0, 0],
    ],
  );
});

test("silence that joins a rate of nothing is not said twice", () => {
  const tried = new Suggestions((_, falseAlarms) =>
    buildDetectors(["rate", "silence"], { rules: [], lateness: 5, falseAlarms, words: PLAIN_WORDS }),
  );
  for (const record of made((s) => ({ a: s < 700 ? 10 : 0 }), 800)) tried.push(record, "made");
  const [day] = tried.suggestions(commandOf);
  assert.match(
    day!.alerts[0]!.text,
    /^made: no events have come since .*, and the source is connected\. Chance/,
  );
});

test("of many episodes twenty are shown, and how many more; streams are tried apart", () => {
  const tried = suggestions();
  for (let i = 0; i < 25; i++) {
    for (const record of made((s) => ({ a: s >= 300 ? 60 : 10 }), 320, { seed: i }))
      tried.push(record, `s${i}`);
  }
  const [day] = tried.suggestions(commandOf);
  assert.equal(day!.episodes, 25);
  assert.equal(day!.alerts.length, 20);
  assert.match(day!.text, /\n {2}… and 5 more$/);
});
