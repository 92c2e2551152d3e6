import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { alertExample } from "../../../src/records/alert.ts";
import { nextPost } from "../../../src/sinks/slack/group.ts";
import { decodeItem, type Item, isSevere } from "../../../src/sinks/slack/item.ts";
import { messageOf } from "../../../src/sinks/slack/payload.ts";
import { checked, type SlackPayload, textsOf } from "../../support/slack-server.ts";

const item = (record: unknown): Item => {
  const decoded = decodeItem(JSON.stringify(record));
  assert.ok(typeof decoded === "object", String(decoded));
  return decoded;
};
const message = (record: unknown) => messageOf(item(record)) as SlackPayload;
const shown = (payload: unknown) => textsOf(payload).join("\n");

test("an alert has a header, its text, and the same text as fallback", () => {
  const payload = message(alertExample);
  assert.equal(payload.text, `🔴 ${alertExample.text}`);
  assert.deepEqual(
    payload.blocks?.map(({ type }) => type),
    ["header", "section", "section", "section", "context"],
  );
  assert.match(shown(payload), /meetup-rsvps · rate is high/);
  const title = (change: object) => shown(message({ ...alertExample, why: [], examples: [], ...change }));
  assert.match(title({ alert: "threshold", field: "avg", direction: "down" }), /· mean gap is low/);
  assert.match(title({ alert: "shift", field: "share.TX" }), /· share of TX is high/);
});

test("each state of an alert looks different", () => {
  const headers = ["firing", "update", "reminder", "resolved"].map(
    (state) => textsOf(message({ ...alertExample, state }).blocks?.[0])[0],
  );
  assert.equal(new Set(headers.map((header) => header?.slice(0, 2))).size, 4);
});

test("causes are fields with their shares, examples are links", () => {
  const payload = message({
    ...alertExample,
    why: [
      { category: "CA", share: 0.75 },
      { category: "N<Y", share: 0.25 },
    ],
    examples: [
      { id: "1", text: "Yoga | <b>", url: "https://example.com/a?b=1&c=2|d" },
      { id: "2", text: "no link", url: "javascript:alert(1)" },
    ],
  });
  assert.match(shown(payload), /Where the change is\* █▃/);
  assert.match(shown(payload), /CA {2}75 %\nN&lt;Y {2}25 %/);
  assert.ok(shown(payload).includes("<https://example.com/a?b=1&amp;c=2%7Cd|Yoga ¦ &lt;b&gt;>"));
  assert.ok(shown(payload).includes("• no link"));
  assert.ok(!shown(payload).includes("javascript"));
});

test("an alert of its marked field alone is shown by what it has", () => {
  assert.equal(message({ alert: "rate", t: 1, stream: "s", state: "firing" }).text, "🔴 s rate firing");
  assert.equal(message({ alert: "rate" }).text, "🔴 rate");
});

test("marked fields of the wrong type, and what is no object, are bad", () => {
  for (const line of [
    '{"alert":5}',
    '{"alert":"rate","t":"x"}',
    '{"alert":"rate","text":1}',
    "[1]",
    "3",
    "{",
  ]) {
    assert.equal(typeof decodeItem(line), "string", line);
  }
  assert.equal(typeof decodeItem('{"alert":"rate","state":"odd"}'), "string");
});

test("a log record shows its severity, tool and message; a record with text its text; another one its JSON", () => {
  assert.equal(
    message({ severity: "ERROR", tool: "ingest", message: "gone" }).text,
    "🔴 *ERROR ingest* gone",
  );
  assert.equal(message({ message: "hello" }).text, "hello");
  assert.equal(message({ text: "a <b>" }).text, "a &lt;b&gt;");
  assert.equal(message({ text: " ", x: "```" }).text, '```{"text":" ","x":"\\u0060\\u0060\\u0060"}```');
});

test("facts of a log record are fields, ten at most, beside its severity's colour", () => {
  const facts = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`fact${i}`, i]));
  const { text, blocks, attachments } = message({
    time: "2026-01-01T00:00:00.000Z",
    severity: "ERROR",
    tool: "archive",
    message: "a <disk> is full",
    code: "ENOSPC",
    nothing: null,
    where: { path: "/data" },
    ...facts,
  });
  assert.equal(text, "🔴 *ERROR archive* a &lt;disk&gt; is full");
  assert.deepEqual(textsOf(blocks), ["🔴 *ERROR archive*"]);
  assert.equal(attachments?.[0]?.color, "#d72b3f");
  const [body, fields, context] = attachments[0].blocks ?? [];
  assert.deepEqual(textsOf(body), ["a &lt;disk&gt; is full"]);
  const shownFields = textsOf(fields);
  assert.equal(shownFields.length, 10);
  assert.deepEqual(shownFields.slice(0, 3), ["*code*\nENOSPC", '*where*\n{"path":"/data"}', "*fact0*\n0"]);
  assert.equal(shownFields[9], "… 5 more");
  assert.match(textsOf(context)[0] ?? "", /^<!date\^1767225600\^.*2026-01-01 00:00:00 UTC>$/);
});

test("severities have colours of their own; a record that stands for repeats says how many", () => {
  const colours = ["DEBUG", "NOTICE", "WARNING", "ERROR", "EMERGENCY"].map(
    (severity) => message({ severity, message: "x" }).attachments?.[0]?.color,
  );
  assert.equal(new Set(colours).size, 5);
  const repeated = (count: number) =>
    message({ severity: "ERROR", message: "x", repeats: { count, within: 60 } }).text;
  assert.equal(repeated(5), "🔴 *ERROR* x (5 more times in 60 s)");
  assert.equal(repeated(1), "🔴 *ERROR* x (once more in 60 s)");
});

test("the least severity holds back milder log records and what is none, never an alert", () => {
  const passes = (record: unknown) => isSevere(item(record), "ERROR");
  assert.ok(passes({ severity: "ERROR", message: "x" }));
  assert.ok(passes({ severity: "critical", message: "x" }));
  assert.ok(passes({ severity: "ALERT", code: 1 }));
  assert.ok(passes(alertExample));
  assert.ok(!passes({ severity: "WARNING", message: "x" }));
  assert.ok(!passes({ text: "x" }));
});

const awkwardText = () =>
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "<&>".repeat(3000),
      "😀".repeat(4000),
      "word ".repeat(5000),
      "\n\u0000x",
      '"'.repeat(9000),
    ),
  );
const awkwardRecord = () =>
  fc.oneof(
    fc.record({ text: awkwardText() }),
    fc.record({ severity: awkwardText(), tool: awkwardText(), message: awkwardText() }),
    fc
      .record({
        facts: fc.dictionary(awkwardText(), fc.oneof(awkwardText(), fc.double(), fc.jsonValue()), {
          maxKeys: 12,
        }),
        severity: fc.constantFrom("ERROR", "warning", "odd"),
        time: fc.constantFrom("2026-01-01T00:00:00Z", "no time"),
        repeats: fc.constantFrom(undefined, { count: 3, within: 60 }, { count: "x" }),
        message: awkwardText(),
      })
      .map(({ facts, ...rest }) => ({ ...facts, ...rest })),
    fc.record({ x: awkwardText() }),
    fc.record({
      alert: awkwardText(),
      state: fc.constantFrom("firing", "update", "reminder", "resolved"),
      stream: awkwardText(),
      id: fc.constantFrom("a", "b"),
      since: fc.double(),
      duration: fc.double(),
      text: awkwardText(),
      why: fc.array(fc.record({ category: awkwardText(), share: fc.double() })),
      examples: fc.array(fc.record({ id: fc.string(), text: awkwardText(), url: fc.webUrl() })),
      history: fc.array(fc.double()),
    }),
  );

test("whatever the record, the message is one that Slack takes", () =>
  fc.assert(
    fc.property(awkwardRecord(), (record) => {
      const payload = message(record);
      assert.equal(checked(payload), "ok", JSON.stringify(payload).slice(0, 3000));
    }),
  ));

test("whatever waits, every post is one that Slack takes, and all records go out", () =>
  fc.assert(
    fc.property(fc.array(awkwardRecord(), { minLength: 1, maxLength: 60 }), (records) => {
      let items = records.map(item);
      while (items.length > 0) {
        const post = nextPost(items);
        assert.ok(post !== undefined && post.count >= 1);
        assert.equal(checked(post.payload as SlackPayload), "ok");
        items = items.slice(post.count);
      }
    }),
    { numRuns: 40 },
  ));
