import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { idFolderOf, parseTarget } from "../../../src/sinks/documents/target.ts";

test("a target is a folder, or a collection of Firestore", () => {
  assert.deepEqual(parseTarget("a/b"), { kind: "folder", folder: "a/b" });
  assert.deepEqual(parseTarget("firestore://meetup"), { kind: "firestore", prefix: "meetup" });
  for (const text of ["", "firestore://", "firestore://a/b", "firestore://__x__", "gs://bucket", "s3://x"]) {
    assert.throws(
      () => parseTarget(text),
      (error) => error instanceof ToolError && error.kind === "usage",
      text,
    );
  }
});

test("ids are kept beside the documents of a folder, and by collection elsewhere", () => {
  assert.equal(idFolderOf(parseTarget("a/b")), "a/b/.profiles");
  const [one, two] = ["one", "two"].map((name) => idFolderOf(parseTarget(`firestore://${name}`)));
  assert.notEqual(one, two);
  assert.match(one!, /\/rsvpulse\/profiles\/[0-9a-f]{16}$/);
});
