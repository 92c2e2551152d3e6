import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readSettings } from "../../src/collect/config.ts";
import { ToolError } from "../../src/core/errors.ts";
import { ROOT } from "../support/run-tool.ts";

const read = (fields: Readonly<Record<string, unknown>>) => readSettings({ path: "c.json", fields });

/** What the settings are refused with. */
function refusal(fields: Readonly<Record<string, unknown>>): string {
  try {
    read(fields);
  } catch (error) {
    assert.ok(error instanceof ToolError, String(error));
    assert.equal(error.kind, "configuration");
    return error.message;
  }
  assert.fail("expected a refusal");
}

const archive = { to: "kept" };
const withStream = (stream: unknown) => ({ archive, streams: [stream] });

test("without streams it is Meetup's five, into archive and profiles", () => {
  const { streams } = read({ archive });
  assert.deepEqual(
    streams.map(({ stream }) => stream),
    ["meetup-rsvps", "meetup-open-events", "meetup-open-venues", "meetup-event-comments", "meetup-photos"],
  );
  assert.ok(streams.every((one) => one.archive && one.profiles));
});

test("a stream of one's own has an address and a time, is called after its host, and names nobody", () => {
  const [stream] = read(
    withStream({ url: "https://example.org/events", protocol: "sse", time: "created:iso", key: "country" }),
  ).streams;
  assert.deepEqual(
    [stream?.stream, stream?.source.protocol, stream?.source.resume, stream?.profiles],
    ["example.org", "sse", "last-event-id", false],
  );
});

test("lists may be one string, and remarks may stand anywhere", () => {
  const [one] = read({
    "//": "a remark",
    archive: { "//to": "here", ...archive },
    streams: [{ source: "meetup-rsvps", where: "response=yes", redact: ["a,b", "c"], "//": 1 }],
  }).streams;
  assert.deepEqual(one?.filter.where, [{ path: "response", value: "yes" }]);
  assert.deepEqual(one?.redact, ["a", "b", "c"]);
});

for (const [what, fields, words] of [
  ["nowhere to go", {}, /expected archive or profiles/],
  ["an archive without a place", { archive: {} }, /collect\.archive\.to: expected a folder/],
  [
    "no list",
    { archive, streams: {} },
    /collect\.streams: expected a list of 1 to 100 streams, got an object/,
  ],
  ["an empty list", { archive, streams: [] }, /expected a list of 1 to 100 streams, got a list/],
  ["a stream that is a text", withStream("meetup-rsvps"), /streams\[0\]: expected a JSON object/],
  ["a slip", withStream({ sorce: "x" }), /streams\[0\]: unknown field "sorce" \(did you mean source\?\)/],
  [
    "a flag that is none",
    withStream({ source: "meetup-rsvps", archive: "no" }),
    /expected true or false, got "no"/,
  ],
  [
    "an address that is none",
    withStream({ source: "meetup-rsvps", url: "x" }),
    /streams\[0\]: url: expected an address/,
  ],
  [
    "a stream that goes nowhere",
    withStream({ source: "meetup-rsvps", archive: false }),
    /meetup-rsvps goes nowhere/,
  ],
  ["a batch without a span", { archive: { to: "x", batch: "64MB" } }, /archive\.batch: expected SIZE\/SPAN/],
  [
    "a key in the API's address",
    { profiles: { to: "x", api: "https://h/?key=hunter2" } },
    /profiles\.api: expected an address without/,
  ],
] as const) {
  test(`${what} is refused, and said where`, () => {
    const message = refusal(fields);
    assert.match(message, words);
    assert.match(message, /^c\.json: collect/);
    assert.doesNotMatch(message, /hunter2/);
  });
}

test("the example has every field, each with a remark", () => {
  const { collect } = JSON.parse(readFileSync(`${ROOT}/rsvpulse.config.example.json`, "utf8")) as {
    readonly collect: Readonly<Record<string, unknown>>;
  };
  const settings = read(collect);
  assert.equal(settings.streams.length, 5);
  const remarks = JSON.stringify(Object.entries(collect).filter(([name]) => name.startsWith("//")));
  for (const name of Object.keys(collect).filter((field) => !field.startsWith("//"))) {
    assert.match(remarks, new RegExp(`\\b${name}\\b`), name);
  }
  for (const field of [
    "source",
    "url",
    "time",
    "where",
    "keys",
    "contact",
    "batch",
    "keep",
    "refresh",
    "api",
  ]) {
    assert.match(remarks, new RegExp(`\\b${field}\\b`), field);
  }
});
