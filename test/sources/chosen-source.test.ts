import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { type Protocol, sourceNamed } from "../../src/sources/catalogue.ts";
import { chosenSource, type SourceChoice } from "../../src/sources/chosen-source.ts";

const [meetup, wikimedia, bluesky] = ["meetup-rsvps", "wikimedia-recentchange", "bluesky-jetstream"].map(
  (name) => sourceNamed(name)!,
);
const chosen = (choice: Partial<SourceChoice>) => chosenSource({ source: meetup!, ...choice });
const spoken = (choice: Partial<SourceChoice>): [Protocol, string] => {
  const { protocol, resume } = chosen(choice);
  return [protocol, resume];
};
const usage = (pattern: RegExp) => (error: unknown) =>
  error instanceof ToolError && error.kind === "usage" && pattern.test(error.message);

test("without options it is the catalogue's", () => {
  for (const source of [meetup!, wikimedia!, bluesky!]) assert.deepEqual(chosenSource({ source }), source);
});

test("an address speaks what it says, else what is said, else what the source speaks", () => {
  const http = "http://127.0.0.1:8181/x";
  assert.deepEqual(spoken({ url: http }), ["ndjson", "since_mtime"]);
  assert.deepEqual(spoken({ url: "ws://127.0.0.1:8181/2/rsvps" }), ["ws", "since_mtime"]);
  assert.deepEqual(spoken({ url: http, protocol: "sse" }), ["sse", "last-event-id"]);
  assert.deepEqual(spoken({ url: http, source: wikimedia! }), ["sse", "last-event-id"]);
  assert.deepEqual(spoken({ url: http, source: wikimedia!, protocol: "ndjson" }), ["ndjson", "none"]);
  assert.deepEqual(spoken({ url: "wss://127.0.0.1/subscribe", source: bluesky! }), ["ws", "cursor"]);
});

test("a stream with times of its own resumes by ids alone, has no other path of the source's, and drops nothing", () => {
  const time = { path: "when", unit: "s" } as const;
  const { paths, drop, resume } = chosen({ source: wikimedia!, url: "http://x.org/", time, key: "country" });
  assert.deepEqual(
    [paths, drop, resume],
    [{ time, key: "country", upperCaseKey: false }, undefined, "last-event-id"],
  );
  assert.deepEqual(spoken({ url: "ws://x.org/", source: bluesky!, time }), ["ws", "none"]);
});

test("a contact is asked for by the source's own host only", () => {
  assert.equal(chosen({ source: wikimedia! }).asksContact, true);
  const url = "https://stream.wikimedia.org/v2/stream/page-create";
  assert.equal(chosen({ source: wikimedia!, url }).asksContact, true);
  assert.equal(chosen({ source: wikimedia!, url: "http://127.0.0.1:8181/" }).asksContact, undefined);
});

test("addresses and protocols that do not go together are refused, and no address is repeated", () => {
  assert.throws(
    () => chosen({ url: "ftp://secret.org" }),
    (error) => {
      assert.ok(error instanceof ToolError && !error.message.includes("secret"));
      return true;
    },
  );
  assert.throws(() => chosen({ url: "ws://x.org", protocol: "sse" }), usage(/expected ws/));
  assert.throws(() => chosen({ protocol: "sse" }), usage(/expected --url beside it/));
});
