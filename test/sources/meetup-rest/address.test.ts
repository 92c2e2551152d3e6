import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { checkedKey, MEETUP_API, parseApi } from "../../../src/sources/meetup-rest/address.ts";

const SECRET = "hunter2hunter2";

test("an address of another server is https, or http on this machine", () => {
  assert.equal(parseApi("http://127.0.0.1:8181/").href, "http://127.0.0.1:8181/");
  assert.equal(parseApi("https://example.org/meetup/").pathname, "/meetup");
  for (const text of [
    "here",
    "ftp://example.org",
    "http://example.org",
    `https://me:${SECRET}@example.org`,
    `https://example.org/?key=${SECRET}`,
  ]) {
    assert.throws(
      () => parseApi(text),
      (error) => error instanceof ToolError && error.kind === "usage" && !error.message.includes(SECRET),
      text,
    );
  }
});

test("Meetup's own API takes no request without a key, and no key that is none", () => {
  const meetup = new URL(MEETUP_API);
  assert.equal(checkedKey(` ${SECRET} `, meetup), SECRET);
  assert.equal(checkedKey(undefined, new URL("http://127.0.0.1:1")), undefined);
  for (const key of [undefined, " ", "two words", "caf\u00e9"]) {
    assert.throws(
      () => checkedKey(key, meetup),
      (error) =>
        error instanceof ToolError && error.kind === "configuration" && /MEETUP_API_KEY/.test(error.message),
    );
  }
});
