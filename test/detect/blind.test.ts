import assert from "node:assert/strict";
import { test } from "node:test";
import { blind } from "../../src/detect/blind.ts";
import { verdicts } from "./support.ts";

const away = (second: number) => ({ t: second * 1000, connected: false, stale: 0 });

test("a source that is away for 15 s fires, since it went", () => {
  const said = verdicts(blind(), [{ t: 0 }, ...[10, 20, 24.9, 25].map(away)]);
  assert.deepEqual(
    said.map(({ firing }) => firing),
    [false, false, false, false, true],
  );
  assert.equal(said.at(-1)!.since, 10_000);
});

test("one record that has been stale for 15 s is enough", () => {
  const [before, at] = verdicts(blind(), [
    { t: 1000, stale: 14.9 },
    { t: 1000, stale: 15 },
  ]);
  assert.deepEqual([before!.firing, at!.firing, at!.since], [false, true, 1000]);
});

test("a source that is away while stream time stands still counts wall seconds", () => {
  const said = verdicts(
    blind(),
    [0, 7, 14, 15].map((stale) => ({ t: 1000, connected: false, stale })),
  );
  assert.deepEqual(
    said.map(({ firing }) => firing),
    [false, false, false, true],
  );
});

test("a short break does not fire and is forgotten", () => {
  const said = verdicts(blind(), [...[0, 10, 14].map(away), { t: 14_500 }, ...[20, 30].map(away)]);
  assert.ok(said.every(({ firing }) => !firing));
});

test("it is over with the first record that is connected and fresh", () => {
  const said = verdicts(blind(), [
    { t: 0, stale: 20 },
    { t: 0, stale: 30 },
    { t: 30_000, stale: 0.3 },
  ]);
  assert.deepEqual(
    said.map(({ firing }) => firing),
    [true, true, false],
  );
});

test("what is said names the cause and the time", () => {
  const detector = blind();
  verdicts(detector, [away(0), away(20)]);
  assert.equal(
    detector.clause("firing", 0),
    "we are blind: the source has been disconnected for 20 s, so nothing can be said about the stream",
  );
  verdicts(detector, [{ t: 20_000 }, { t: 20_000, stale: 16 }]);
  assert.match(detector.clause("firing", 0), /neither source nor store has been heard from for 16 s/);
});
