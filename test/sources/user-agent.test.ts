import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { parseContact, userAgent } from "../../src/sources/user-agent.ts";

test("a contact stands in parentheses behind name and version, an address of the web with its plus", () => {
  assert.match(userAgent(undefined), /^rsvpulse\/[\w.-]+$/);
  assert.match(userAgent(parseContact("ops@example.org")), /^rsvpulse\/[\w.-]+ \(ops@example\.org\)$/);
  assert.match(userAgent(parseContact(" https://example.org/bot ")), /\(\+https:\/\/example\.org\/bot\)$/);
});

test("what cannot stand in a header, or would end the parentheses, is refused", () => {
  for (const text of ["", " ", "a\nb", "ü@example.org", "me (at home)", "a\\b", "x".repeat(201)]) {
    assert.throws(
      () => parseContact(text),
      (error) => error instanceof ToolError && error.kind === "usage",
    );
  }
});
