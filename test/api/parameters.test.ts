import assert from "node:assert/strict";
import { test } from "node:test";
import { faultWords, query, type SchemaFault } from "../../src/api/parameters.ts";

const words = (fault: Partial<SchemaFault>, known: readonly string[] = ["over", "keys"]) => {
  const problem = faultWords([{ keyword: "", instancePath: "", params: {}, ...fault }], known);
  assert.equal(problem.kind, "bad-parameter");
  return problem.message;
};

test("a query takes the parameters it names and no other", () => {
  const schema = query(["key", "over"], ["key"]);
  assert.deepEqual(Object.keys(schema.properties), ["key", "over"]);
  assert.deepEqual([schema.required, schema.additionalProperties], [["key"], false]);
});

test("an unknown parameter is named, with the nearest that there is", () => {
  assert.equal(
    words({ params: { additionalProperty: "ovre" } }),
    'unknown parameter "ovre" (did you mean over?); there is over, keys',
  );
  assert.equal(
    words({ params: { additionalProperty: "x\n\"'\u0000" } }, []),
    'unknown parameter "x\\n\\"\'\\u0000"; none is taken here',
  );
});

test("a missing one, one that is not among the choices, and one that is wrong are told apart", () => {
  assert.equal(words({ params: { missingProperty: "key" } }), "expected the parameter key");
  assert.equal(
    words({ instancePath: "/over", params: { allowedValues: ["recent", "all"] } }),
    "over: must be recent or all",
  );
  assert.equal(words({ instancePath: "/limit", message: "must be >= 1" }), "limit: must be >= 1");
  assert.equal(faultWords([], []).message, ": is wrong");
});

test("a name as long as a request may be costs no time to tell", () => {
  const begun = performance.now();
  words({ params: { additionalProperty: "o".repeat(16_000) } });
  assert.ok(performance.now() - begun < 500);
});
