import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { parseWebhook, readWebhook } from "../../../src/sinks/slack/webhook.ts";
import { scratchFolder } from "../../support/scratch.ts";

const folder = scratchFolder();
const file = (text: string) => {
  const path = join(folder, "CONFIG.json");
  writeFileSync(path, text);
  return path;
};
const refused = (work: () => unknown) => {
  assert.throws(work, (error) => {
    assert.ok(error instanceof ToolError && error.kind === "configuration");
    assert.ok(!error.message.includes("SECRET"), error.message);
    assert.ok(!error.message.includes("\n"));
    return error.message.includes("SLACK_WEBHOOK_URL");
  });
};

test("the address comes from the environment, or from a file, which comes first when it is named", () => {
  const variable = "https://hooks.slack.com/services/T1/B1/a";
  const named = file('{"url": "https://hooks.slack.com/services/T2/B2/b"}');
  assert.equal(readWebhook({ variable, file: undefined }).url.href, variable);
  assert.match(readWebhook({ variable, file: named }).url.href, /T2/);
  assert.match(readWebhook({ variable: undefined, file: named }).url.href, /T2/);
});

test("webhooks have folders of their own, named by 16 hex digits that do not tell the address", () => {
  const one = parseWebhook("https://hooks.slack.com/services/T1/B1/a", "x").hash;
  const two = parseWebhook("https://hooks.slack.com/services/T1/B1/b", "x").hash;
  assert.match(one, /^[0-9a-f]{16}$/);
  assert.notEqual(one, two);
});

test("plain http is for this machine only", () => {
  for (const host of ["127.0.0.1:8080", "localhost", "[::1]:1", "127.9.9.9"]) {
    assert.equal(parseWebhook(`http://${host}/SECRET`, "x").url.protocol, "http:");
  }
  for (const host of [
    "example.com",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "0.0.0.0",
    "10.0.0.1",
  ]) {
    refused(() => parseWebhook(`http://${host}/SECRET`, "x"));
  }
});

test("none, one that cannot be used, and the example's say what to do and never the address", () => {
  refused(() => readWebhook({ variable: undefined, file: join(folder, "none.json") }));
  refused(() => readWebhook({ variable: "hooks.slack.com/SECRET", file: undefined }));
  refused(() => readWebhook({ variable: "ftp://hooks.slack.com/SECRET", file: undefined }));
  refused(() => readWebhook({ variable: "https://me:SECRET@hooks.slack.com/", file: undefined }));
  for (const text of [
    "",
    "{",
    '{"url": "SECRET',
    '{"url": 5}',
    "[]",
    '{"urls": "https://SECRET"}',
    '{"url": ""}',
  ]) {
    refused(() => readWebhook({ variable: undefined, file: file(text) }));
  }
  refused(() =>
    parseWebhook("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "x"),
  );
});
