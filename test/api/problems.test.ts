import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem, PROBLEMS, type ProblemKind } from "../../src/api/problems.ts";

const KINDS = Object.keys(PROBLEMS) as ProblemKind[];

test("each kind is a document of RFC 9457: a URN, a title without a full stop, an HTTP status, and what happened", () => {
  for (const kind of KINDS) {
    const problem = new ApiProblem(kind, "what happened");
    const { status, title } = PROBLEMS[kind];
    assert.deepEqual(problem.document(), {
      type: `urn:rsvpulse:problem:${kind}`,
      title,
      status,
      detail: "what happened",
    });
    assert.match(title, /^[A-Z].*[^.]$/);
    assert.ok(status >= 400 && status < 600 && problem.status === status);
  }
});

test("what passes says when to try again; only the store's absence is a 503, and only a defect a 500", () => {
  const waits = KINDS.filter((kind) => "retry-after" in new ApiProblem(kind, "").headers);
  assert.deepEqual(waits, ["too-many-listeners", "store-away"]);
  const server = KINDS.filter((kind) => PROBLEMS[kind].status >= 500);
  assert.deepEqual(server, ["defect", "store-away"]);
});

test("headers of its own go along", () =>
  assert.deepEqual(new ApiProblem("method-not-allowed", "x", { allow: "GET" }).headers, { allow: "GET" }));
