import assert from "node:assert/strict";
import { test } from "node:test";
import { verdictOf } from "../../../src/sinks/slack/verdict.ts";

const NOW = Date.UTC(2026, 0, 1);
const verdict = (status: number, body = "", retryAfter?: string) =>
  verdictOf({ status, body, retryAfter }, NOW);

test("a success is a delivery, whatever its reply, and is odd when that is not ok", () => {
  assert.deepEqual(verdict(200, "ok"), { kind: "delivered", odd: false });
  assert.deepEqual(verdict(200, "<html>"), { kind: "delivered", odd: true });
  assert.deepEqual(verdict(204), { kind: "delivered", odd: true });
});

test("too many requests, timeouts and errors of the server are tried again", () => {
  for (const status of [408, 425, 429, 500, 502, 503, 599])
    assert.equal(verdict(status).kind, "retry", String(status));
  assert.equal(verdict(500, "no_service").kind, "retry");
});

test("Retry-After is read in seconds and as a date; what cannot be read asks for no wait", () => {
  const wait = (text: string) => {
    const got = verdict(429, "", text);
    return got.kind === "retry" ? got.wait : undefined;
  };
  assert.equal(wait("30"), 30_000);
  assert.equal(wait("Thu, 01 Jan 2026 00:01:00 GMT"), 60_000);
  assert.equal(wait("Wed, 31 Dec 2025 00:00:00 GMT"), 0);
  assert.equal(wait("soon"), 0);
  assert.equal(wait("-5"), 0);
  assert.equal(wait("99999999999"), 24 * 3600 * 1000);
});

test("a refused message is told from a refused webhook", () => {
  for (const name of ["invalid_payload", "invalid_blocks", "no_text"]) {
    assert.deepEqual(verdict(400, name), { kind: "refused", reason: `400 ${name}` });
  }
  assert.equal(verdict(400, '{"ok":false,"error":"invalid_blocks"}').kind, "refused");
  assert.equal(verdict(400, "what?").kind, "refused");
});

test("what needs somebody to act stops with the exit code for it and a remedy", () => {
  const table = [
    [403, "invalid_token", "permission"],
    [403, "action_prohibited", "permission"],
    [403, "", "permission"],
    [400, "invalid_token", "permission"],
    [404, "no_service", "configuration"],
    [404, "channel_not_found", "configuration"],
    [404, "<html>constructor", "configuration"],
    [410, "channel_is_archived", "configuration"],
    [301, "", "configuration"],
    [405, "", "configuration"],
  ] as const;
  for (const [status, body, error] of table) {
    const got = verdict(status, body);
    assert.ok(got.kind === "stop" && got.error === error && got.remedy !== "", `${status} ${body}`);
  }
});

test("no reason repeats words of the reply that are not Slack's own", () => {
  const got = verdict(404, "cannot POST /services/T0SECRET");
  assert.ok(got.kind === "stop" && got.reason === "404");
});
