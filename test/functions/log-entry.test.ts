import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEntry } from "../../src/functions/log-entry.ts";
import { messageOf } from "../../src/sinks/slack/payload.ts";

const message = (entry: unknown) => ({
  message: {
    data: Buffer.from(typeof entry === "string" ? entry : JSON.stringify(entry)).toString("base64"),
  },
});
const itemOf = (entry: object) => {
  const decoded = decodeEntry(message(entry));
  assert.ok(typeof decoded === "object", String(decoded));
  return decoded.item;
};

test("an entry is a log record: time, severity, tool, message, then its own facts and the resource's labels", () => {
  const entry = {
    timestamp: "2026-01-01T00:00:00Z",
    severity: "WARNING",
    jsonPayload: { message: "slow", severity: "ignored here", seconds: 5 },
    resource: { type: "cloud_run_revision", labels: { service_name: "save-stream-data", location: "x" } },
  };
  assert.deepEqual(itemOf(entry), {
    kind: "log",
    time: "2026-01-01T00:00:00Z",
    severity: "WARNING",
    tool: "save-stream-data",
    text: "slow",
    facts: [
      { name: "seconds", value: "5" },
      { name: "service_name", value: "save-stream-data" },
      { name: "location", value: "x" },
    ],
  });
  const decoded = decodeEntry(message(entry));
  assert.equal(typeof decoded === "object" && decoded.service, "save-stream-data");
});

test("words are found in every kind of payload", () => {
  assert.equal(itemOf({ textPayload: "text" }).text, "text");
  assert.equal(itemOf({ jsonPayload: { msg: "pino's" } }).text, "pino's");
  assert.equal(itemOf({ protoPayload: { status: { message: "denied" } } }).text, "denied");
  assert.equal(itemOf({ protoPayload: { methodName: "storage.get", status: {} } }).text, "storage.get");
  assert.equal(itemOf({ jsonPayload: { a: 1 } }).text, '{"a":1}');
});

test("facts and labels are facts whatever they are called; none hides the message, its severity or another fact", () => {
  for (const value of [true, "rate", { count: 3, within: 5 }]) {
    const names = ["alert", "text", "repeats"];
    const item = itemOf({
      severity: "ERROR",
      jsonPayload: { message: "disk full", ...Object.fromEntries(names.map((name) => [name, value])) },
      resource: { labels: { message: "label", severity: "label", alert: "label" } },
    });
    assert.deepEqual(
      [item.kind, item.severity, item.text, item.repeats],
      ["log", "ERROR", "disk full", undefined],
    );
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    assert.deepEqual(item.facts, [
      ...names.map((name) => ({ name, value: shown })),
      ...["message", "severity", "alert"].map((name) => ({ name, value: "label" })),
    ]);
    const { text, attachments } = messageOf(item);
    assert.match(text, /ERROR.*disk full/);
    assert.match(JSON.stringify(attachments), /\*alert\*/);
  }
});

test("a request that was logged for its status is told without its query", () => {
  const httpRequest = { requestMethod: "GET", requestUrl: "https://x.run.app/?key=SECRET&a=1", status: 503 };
  const item = itemOf({ httpRequest, severity: "ERROR" });
  assert.equal(item.text, "GET https://x.run.app/ answers 503");
  assert.ok(!JSON.stringify(item).includes("SECRET"));
});

test("what names no severity has Cloud Logging's default", () => {
  assert.equal(itemOf({ textPayload: "x" }).severity, "DEFAULT");
});

test("what is no entry is told, whatever it is", () => {
  for (const data of [
    undefined,
    null,
    5,
    {},
    { message: {} },
    { message: { data: "" } },
    { message: { data: 5 } },
    message("no JSON"),
    message("[1]"),
    message("null"),
    message({}),
    message({ textPayload: " " }),
  ]) {
    assert.equal(typeof decodeEntry(data), "string", JSON.stringify(data));
  }
});
