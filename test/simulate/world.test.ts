import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { parseStory } from "../../src/simulate/story.ts";
import { STREAM_NAMES } from "../../src/simulate/world.ts";
import { linesOf, type Message, messagesOf, plainWorld, type SentLine } from "../support/world-lines.ts";

const text = (lines: readonly SentLine[]) =>
  Buffer.concat(lines.map(({ bytes }) => bytes)).toString("latin1");
const story = parseStory("5s:surge=3:5s,6s:garbage=4,12s:swap=CA/VT:5s,every=7s:cut");

test("the same settings give the same bytes; a longer span begins with a shorter one", () =>
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...STREAM_NAMES), (seed, stream) => {
      const long = text(linesOf({ seed, story }, { span: 20_000, stream }));
      assert.equal(text(linesOf({ seed, story }, { span: 20_000, stream })), long);
      assert.ok(long.startsWith(text(linesOf({ seed, story }, { span: 8000, stream }))));
    }),
    { numRuns: 15 },
  ));

test("another seed gives other messages", () => {
  assert.notEqual(text(linesOf({ seed: "a" }, { span: 2000 })), text(linesOf({ seed: "b" }, { span: 2000 })));
});

test("cuts and stalls change nothing of what is sent, for they are the connection's", () => {
  const calm = linesOf({}, { span: 10_000 });
  assert.equal(
    text(linesOf({ story: parseStory("every=1s:cut,2s:stall:3s") }, { span: 10_000 })),
    text(calm),
  );
});

test("RSVPs look as the recorded ones: fields and their order, sizes, shares, repeats", () => {
  const lines = linesOf({}, { span: 1_000_000 });
  const messages = messagesOf(lines);
  const share = (holds: (message: Message) => boolean) => messages.filter(holds).length / messages.length;
  const around = (name: string, got: number, wanted: number, by: number) =>
    assert.ok(Math.abs(got - wanted) <= by, `${name}: ${got}, expected about ${wanted}`);

  const full = messages.find((message) => "venue" in message && message["group"].group_state !== undefined)!;
  assert.deepEqual(Object.keys(full), [
    "venue",
    "visibility",
    "response",
    "guests",
    "member",
    "rsvp_id",
    "mtime",
    "event",
    "group",
  ]);
  assert.deepEqual(Object.keys(full["venue"]), ["venue_name", "lon", "lat", "venue_id"]);
  assert.deepEqual(Object.keys(full["event"]), ["event_name", "event_id", "time", "event_url"]);
  assert.deepEqual(Object.keys(full["group"]), [
    "group_topics",
    "group_city",
    "group_country",
    "group_id",
    "group_name",
    "group_lon",
    "group_urlname",
    "group_state",
    "group_lat",
  ]);

  const sizes = lines.map(({ bytes }) => bytes.length).sort((a, b) => a - b);
  around("median size", sizes[sizes.length >> 1]!, 1437, 80);
  around(
    "from the US",
    share(({ group }) => group.group_country === "us"),
    0.417,
    0.02,
  );
  assert.equal(
    share(({ group }) => (group.group_country === "us") !== "group_state" in group),
    0,
  );
  around(
    "yes",
    share(({ response }) => response === "yes"),
    0.73,
    0.03,
  );
  around(
    "with a venue",
    share((message) => "venue" in message),
    0.8,
    0.05,
  );
  around("repeats", 1 - new Set(messages.map(({ rsvp_id }) => rsvp_id)).size / messages.length, 0.182, 0.02);
});

test("no two RSVPs are equal, however fast they come", () => {
  const messages = messagesOf(linesOf({ rate: 20_000 }, { span: 1000 }));
  assert.equal(new Set(messages.map(({ rsvp_id, mtime }) => `${rsvp_id} ${mtime}`)).size, messages.length);
});

test("a message's mtime is the one that the line was given", () => {
  const lines = linesOf({}, { span: 20_000 });
  assert.deepEqual(
    messagesOf(lines).map(({ mtime }) => mtime),
    lines.map(({ mtime }) => mtime),
  );
});

test("without disorder mtimes are the times at which lines are sent", () => {
  for (const { at, mtime } of linesOf({ disorder: "none" }, { span: 20_000 })) {
    assert.equal(mtime, Math.floor(plainWorld.start + at));
  }
});

test("the other streams run at fixed fractions of the rate, each with what identifies its people and groups", () => {
  const counts = STREAM_NAMES.map((stream) => linesOf({}, { span: 400_000, stream }).length / 4000);
  const wanted = [1, 0.3, 0.1, 0.05, 0.15];
  counts.forEach((count, i) => {
    assert.ok(Math.abs(count - wanted[i]!) < 0.05, `${STREAM_NAMES[i]}: ${count} for each RSVP`);
  });
  const first = (stream: (typeof STREAM_NAMES)[number]) =>
    messagesOf(linesOf({}, { span: 60_000, stream }))[0]!;
  assert.equal(typeof first("open_events")["group"].id, "number");
  assert.equal(typeof first("open_venues")["id"], "number");
  assert.equal(typeof first("event_comments")["member"].member_id, "number");
  assert.equal(typeof first("photos")["photo_album"].group.id, "number");
  assert.equal(typeof first("photos")["member"].member_id, "number");
});

test("a swap moves messages from one state to the other", () => {
  const swapped = messagesOf(linesOf({ rate: 100, story: parseStory("0s:swap=CA/VT") }, { span: 60_000 }));
  const count = (state: string) => swapped.filter(({ group }) => group.group_state === state).length;
  assert.ok(count("VT") > 250, `${count("VT")} of VT`);
  assert.ok(count("CA") < 80, `${count("CA")} of CA`);
});

test("garbage is no JSON, JSON cut short and no UTF-8 in turn, a line each, among whole messages", () => {
  const lines = linesOf({ story: parseStory("3s:garbage=6") }, { span: 6000 });
  const broken = lines.filter(({ mtime }) => mtime === undefined);
  assert.deepEqual(
    broken.map(({ at }) => at),
    Array(6).fill(3000),
  );
  for (const [i, { bytes }] of broken.entries()) {
    assert.equal(bytes.indexOf("\n"), bytes.length - 1);
    assert.equal(isUtf8(bytes), i % 3 !== 2);
    assert.throws(() => JSON.parse(i % 3 === 2 ? "{" : bytes.toString()));
  }
  assert.equal(
    text(lines.filter(({ mtime }) => mtime !== undefined)),
    text(linesOf({}, { span: 6000 })),
    "broken lines change nothing of the messages around them",
  );
});
