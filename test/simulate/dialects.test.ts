import assert from "node:assert/strict";
import { test } from "node:test";
import { messageReader } from "../../src/records/message.ts";
import { asCommit, asRecentChange, type Shape } from "../../src/simulate/dialects.ts";
import { sourceNamed } from "../../src/sources/catalogue.ts";
import { shownMessage } from "../../src/sources/showing.ts";
import { linesOf, plainWorld } from "../support/world-lines.ts";

/** What ingest makes of RSVPs in the look of a source's messages. */
function read(name: string, shape: Shape) {
  const source = sourceNamed(name)!;
  const reader = messageReader(source.paths, { drop: source.drop ?? [] });
  return linesOf({}, { span: 60_000 }).map(({ bytes, mtime, at }) => {
    const text = shape(bytes.subarray(0, -1), { mtime: mtime!, sentUs: Math.floor(at * 1000) });
    const line = Buffer.from(`${text}\n`);
    const outcome = reader.read(line, 0, line.length - 1);
    const rsvp = JSON.parse(bytes.toString("utf8"));
    return { outcome, ...reader.head, rsvp, at, shown: shownMessage(JSON.parse(text), source) };
  });
}
const placeOf = ({ group }: { group: Record<string, string> }) =>
  (group["group_state"] ?? group["group_country"])!.toLowerCase();

test("RSVPs as Wikimedia's changes have their time, place, words and link", () => {
  for (const { outcome, t, key, rsvp, shown } of read("wikimedia-recentchange", asRecentChange)) {
    assert.deepEqual([outcome, t, key], ["ok", rsvp.mtime, `${placeOf(rsvp)}wiki`]);
    assert.equal(shown.url, rsvp.event.event_url);
    assert.ok(shown.words !== undefined);
  }
});

test("RSVPs as Bluesky's commits have the time at which they were sent", () => {
  for (const { outcome, t, key, id, rsvp, at, shown } of read(
    "bluesky-jetstream",
    asCommit(plainWorld.start),
  )) {
    assert.deepEqual([outcome, key, id], ["ok", `com.meetup.rsvp.${placeOf(rsvp)}`, String(rsvp.rsvp_id)]);
    assert.ok(Math.abs(t - (plainWorld.start + at)) < 0.0015);
    assert.ok(shown.words !== undefined);
  }
});
