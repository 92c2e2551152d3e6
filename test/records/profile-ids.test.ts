import assert from "node:assert/strict";
import { test } from "node:test";
import { profileIdReader } from "../../src/records/profile-ids.ts";
import { STREAM_NAMES } from "../../src/simulate/world.ts";
import { recording } from "../support/recording.ts";
import { linesOf, messagesOf } from "../support/world-lines.ts";

function read(line: string) {
  const { ids, read } = profileIdReader();
  const outcome = read(Buffer.from(`${line}\n`), 0, Buffer.byteLength(line));
  return { outcome, ...ids };
}

const record = (message: string) => `{"t":1,"at":1,"stream":"s","key":null,"id":null,"event":${message}}`;

const EXPECTED: Readonly<Record<string, { member: boolean; group: boolean }>> = {
  rsvps: { member: true, group: true },
  open_events: { member: false, group: true },
  open_venues: { member: false, group: false },
  event_comments: { member: true, group: true },
  photos: { member: true, group: true },
};

for (const stream of STREAM_NAMES) {
  test(`whom messages of ${stream} are about is found in messages and in events alike`, () => {
    const messages = messagesOf(linesOf({}, { span: 60_000, stream }));
    assert.ok(messages.length > 5);
    for (const message of messages) {
      const group = message.photo_album?.group ?? message.group;
      const wanted = {
        outcome: "event",
        member: EXPECTED[stream]!.member ? message.member.member_id : undefined,
        group: EXPECTED[stream]!.group ? (group.group_id ?? group.id) : undefined,
      };
      const text = JSON.stringify(message);
      assert.deepEqual(read(text), wanted);
      assert.deepEqual(read(record(text)), wanted);
      // Names with escapes go the slow way.
      assert.deepEqual(read(text.replace('"mtime"', '"\\u006dtime"')), wanted);
    }
  });
}

const rsvps = recording("meetup-rsvps-2017-03-19.ndjson");
test("each recorded RSVP names a member and a group", rsvps.options, () => {
  for (const line of rsvps.lines()) {
    const { outcome, member, group } = read(line);
    assert.equal(outcome, "event");
    assert.ok(member! > 0 && group! > 0);
  }
});

test("ticks are ticks; other records are ignored; what cannot be is told", () => {
  assert.equal(read('{"tick":1,"at":1,"stream":"s","connected":true}').outcome, "tick");
  assert.equal(read('{"t":1,"at":1,"stream":"s","diff":1}').outcome, "ignored");
  assert.equal(read("{}").outcome, "ignored");
  assert.match(read("garbage").outcome, /^expected a JSON object/);
  assert.match(read('{"t":1,"event":3}').outcome, /^expected an object in event/);
  assert.match(read('{"event":{}}').outcome, /^expected a number in t/);
  assert.match(read('{"tick":"x"}').outcome, /^expected a number in tick/);
});

test("an id may be in quotes or missing; anything else is told with its place", () => {
  const ids = (text: string) => read(`{"mtime":1,"member":{"member_id":${text}}}`);
  assert.equal(ids('"123"').member, 123);
  assert.deepEqual(ids("null"), { outcome: "event", member: undefined, group: undefined });
  for (const odd of ["0", "-1", "1.5", '"x"', "true", "{}", "[1]", "12345678901234567890"]) {
    assert.equal(ids(odd).outcome, "expected a whole number in member.member_id", odd);
  }
});
