import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEntry } from "../../src/functions/log-entry.ts";

const message = (entry: unknown) => ({
  message: {
    data: Buffer.from(typeof entry === "string" ? entry : JSON.stringify(entry)).toString("base64"),
  },
});
const recordOf = (entry: object) => {
  const decoded = decodeEntry(message(entry));
  assert.ok(typeof decoded === "object", String(decoded));
  return decoded.record;
};

test("an entry is a log record: time, severity, tool, message, then its own facts and the resource's labels", () => {
  const entry = {
    timestamp: "2026-01-01T00:00:00Z",
    severity: "WARNING",
    jsonPayload: { message: "slow", severity: "ignored here", seconds: 5 },
    resource: { type: "cloud_run_revision", labels: { service_name: "save-stream-data", location: "x" } },
  };
  assert.deepEqual(recordOf(entry), {
    time: "2026-01-01T00:00:00Z",
    severity: "WARNING",
    tool: "save-stream-data",
    message: "slow",
    seconds: 5,
    service_name: "save-stream-data",
    location: "x",
  });
  const decoded = decodeEntry(message(entry));
  assert.equal(typeof decoded === "object" && decoded.service, "save-stream-data");
});

test("words are found in every kind of payload", () => {
  assert.equal(recordOf({ textPayload: "text" })["message"], "text");
  assert.equal(recordOf({ jsonPayload: { msg: "pino's" } })["message"], "pino's");
  assert.equal(recordOf({ protoPayload: { status: { message: "denied" } } })["message"], "denied");
  assert.equal(
    recordOf({ protoPayload: { methodName: "storage.get", status: {} } })["message"],
    "storage.get",
  );
  assert.equal(recordOf({ jsonPayload: { a: 1 } })["message"], '{"a":1}');
});

test("a request that was logged for its status is told without its query", () => {
  const httpRequest = { requestMethod: "GET", requestUrl: "https://x.run.app/?key=SECRET&a=1", status: 503 };
  const record = recordOf({ httpRequest, severity: "ERROR" });
  assert.equal(record["message"], "GET https://x.run.app/ answers 503");
  assert.ok(!JSON.stringify(record).includes("SECRET"));
});

test("what names no severity has Cloud Logging's default", () => {
  assert.equal(recordOf({ textPayload: "x" })["severity"], "DEFAULT");
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
