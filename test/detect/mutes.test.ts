import assert from "node:assert/strict";
import { test } from "node:test";
import { isMuted, parseMutes } from "../../src/detect/mutes.ts";

const at = (iso: string) => Date.parse(iso);
const night = '{"from":"2026-12-24T18:00Z","to":"2026-12-25T06:00:00+01:00","why":"holidays"}';

test("a planned silence holds from its start until before its end, in whatever zone", () => {
  const mutes = parseMutes(`# planned\n\n${night}\n`, "mutes");
  assert.equal(isMuted(mutes, "x", "silence", at("2026-12-24T18:00Z")), true);
  assert.equal(isMuted(mutes, "x", "silence", at("2026-12-24T17:59:59.999Z")), false);
  assert.equal(isMuted(mutes, "x", "silence", at("2026-12-25T04:59:59.999Z")), true);
  assert.equal(isMuted(mutes, "x", "silence", at("2026-12-25T05:00Z")), false);
});

test("it can be for one stream and one kind only", () => {
  const mutes = parseMutes(
    '{"from":"2026-01-01T00:00Z","to":"2027-01-01T00:00Z","stream":"a","alert":"silence"}',
    "mutes",
  );
  const t = at("2026-06-01T00:00Z");
  assert.equal(isMuted(mutes, "a", "silence", t), true);
  assert.equal(isMuted(mutes, "b", "silence", t), false);
  assert.equal(isMuted(mutes, "a", "blind", t), false);
});

for (const [line, message] of [
  ["tonight", /mutes: line 2: expected \{"from":…,"to":…\}, got "tonight"/],
  ["[]", /expected a JSON object/],
  ['{"to":"2026-12-25T06:00Z"}', /time with its zone in from/],
  ['{"from":"2026-12-24","to":"2026-12-25T06:00Z"}', /time with its zone in from/],
  ['{"from":"2026-12-24T18:00","to":"2026-12-25T06:00Z"}', /time with its zone in from/],
  ['{"from":"2026-12-24T18:00Z"}', /time with its zone in to/],
  ['{"from":"2026-12-24T18:00Z","to":"2026-12-24T18:00Z"}', /expected to after from/],
  ['{"from":"2026-12-24T18:00Z","to":"2026-12-25T18:00Z","alert":"silense"}', /one of rate, .* in alert/],
  ['{"from":"2026-12-24T18:00Z","to":"2026-12-25T18:00Z","strem":"x"}', /got "strem"/],
  ['{"from":"2026-12-24T18:00Z","to":"2026-12-25T18:00Z","stream":7}', /a string in stream/],
] as const) {
  test(`${line} is refused with its line`, () =>
    assert.throws(() => parseMutes(`${night}\n${line}`, "mutes"), { kind: "configuration", message }));
}
