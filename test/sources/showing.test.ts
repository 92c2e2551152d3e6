import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceNamed } from "../../src/sources/catalogue.ts";
import { showingOf, shownMessage, wordsOf } from "../../src/sources/showing.ts";

const rsvp = (name: unknown, url: unknown) => ({ event: { event_name: name, event_url: url } });
const shown = (message: unknown) => shownMessage(message, showingOf("meetup-rsvps"));

test("a message of a known source is shown with its words and link", () => {
  assert.deepEqual(shown(rsvp("Sunday\nhike", "https://www.meetup.com/x/events/1/")), {
    words: "Sunday hike",
    url: "https://www.meetup.com/x/events/1/",
  });
  assert.equal(showingOf("meetup-rsvps").noun, "RSVP");
  const photo = { photo_link: "http://x.org/p", photo_album: { event: { name: "Sunset" } } };
  assert.deepEqual(shownMessage(photo, showingOf("meetup-photos")), {
    words: "Sunset",
    url: "http://x.org/p",
  });
});

test("a stream of another name is tried as the first source, and its messages are events", () => {
  const showing = showingOf("stdin");
  assert.equal(showing.noun, "event");
  assert.equal(shownMessage(rsvp("Sunday hike", null), showing).words, "Sunday hike");
});

test("what is no text and no web address is not shown", () => {
  const none = { words: undefined, url: undefined };
  assert.deepEqual(shown({}), none);
  assert.deepEqual(shown(null), none);
  assert.deepEqual(shown(rsvp("", 5)), none);
  assert.deepEqual(shown(rsvp({}, "javascript:alert(1)")), none);
  assert.deepEqual(shown(rsvp("\u0000", "not an address")), none);
  assert.deepEqual(shown(rsvp(7, `https://x.org/${"x".repeat(3000)}`)), none);
  assert.equal(shown(rsvp("x".repeat(5000), null)).words!.length, 200);
});

test("events and categories are called as their source calls them, or else by their own names", () => {
  const meetup = wordsOf("meetup-rsvps", undefined);
  assert.deepEqual([meetup.noun, meetup.nameOf("TX"), meetup.nameOf("H9")], ["RSVP", "Texas", "H9"]);
  const own = wordsOf("countries", undefined);
  assert.deepEqual([own.noun, own.nameOf("CA"), own.nameOf("constructor")], ["event", "CA", "constructor"]);
  assert.equal(wordsOf("demo", sourceNamed("meetup-photos")).noun, "photo");
});
