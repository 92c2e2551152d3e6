import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceNamed } from "../../src/sources/catalogue.ts";
import { eventShower } from "../../src/sources/shown-events.ts";

const MESSAGE = { event: { event_name: "Sunday hike", event_url: "https://x.org/1" }, name: "Open house" };
/** What is shown of a line, as `eventShower` is set. */
function shown(line: string, { stream = "s", ...options }: Partial<Options> = {}) {
  const buffer = Buffer.from(`${line}\n`);
  return eventShower({ raw: false, ...options })({
    stream,
    id: () => "7",
    line: () => buffer.subarray(0, buffer.length - 1),
  });
}
interface Options {
  readonly stream: string;
  readonly source: NonNullable<ReturnType<typeof sourceNamed>>;
  readonly raw: boolean;
}
const record = (message: unknown) => `{"t":1,"at":1,"event":${JSON.stringify(message)}}`;
const known = { id: "7", noun: "event", words: "Sunday hike", url: "https://x.org/1" };

test("a record's message is shown, and a raw message", () => {
  assert.deepEqual(shown(record(MESSAGE)), known);
  assert.deepEqual(shown(JSON.stringify(MESSAGE), { raw: true }), known);
  assert.deepEqual(shown(record({ event: MESSAGE })), { ...known, words: undefined, url: undefined });
});

test("as in the source that the stream is called after, or in the one that is given", () => {
  assert.equal(shown(record(MESSAGE), { stream: "meetup-rsvps" }).noun, "RSVP");
  const venue = { id: "7", noun: "venue", words: "Open house", url: undefined };
  assert.deepEqual(shown(record(MESSAGE), { stream: "meetup-open-venues" }), venue);
  const source = sourceNamed("meetup-open-venues")!;
  assert.deepEqual(shown(record(MESSAGE), { stream: "meetup-rsvps", source }), venue);
});

test("escapes, repeated names and names that are spelt with escapes are read as JSON.parse reads them", () => {
  assert.equal(shown(record({ event: { event_name: 'a "b" \\ ü 😀' } })).words, 'a "b" \\ ü 😀');
  assert.equal(shown('{"event":{"event":{"event_name":"a","event_name":"b"}}}').words, "b");
  assert.equal(shown('{"event":{"event":{"event_\\u006eame":"a"}}}').words, "a");
});

test("a message without words, of another kind or that is no JSON has nothing to show", () => {
  const nothing = { ...known, words: undefined, url: undefined };
  for (const message of [{}, { event: 7 }, { event: { event_name: null, event_url: 5 } }, [], null]) {
    assert.deepEqual(shown(record(message)), nothing);
  }
  assert.deepEqual(shown('{"t":1,"event":{broken}}'), nothing);
  assert.deepEqual(shown('{"t":1}'), nothing);
});
