import assert from "node:assert/strict";
import { test } from "node:test";
import { merged, withoutEmpty } from "../../../src/sinks/documents/fields.ts";

test("fields that the new answer has not stay; objects are merged inside, lists and scalars are replaced", () => {
  const old = { a: 1, list: [1, 2], photo: { id: 1, link: "x" }, bio: "was" };
  const fresh = { list: [3], photo: { id: 2 }, name: null };
  assert.deepEqual(merged(old, fresh), {
    a: 1,
    list: [3],
    photo: { id: 2, link: "x" },
    bio: "was",
    name: null,
  });
});

test("an object takes the place of a scalar, and a scalar that of an object", () => {
  assert.deepEqual(merged({ a: 1, b: { c: 1 } }, { a: { x: 1 }, b: 2 }), { a: { x: 1 }, b: 2 });
});

test("objects without fields say nothing, however deep they are", () => {
  assert.deepEqual(withoutEmpty({ self: { common: {} }, other: {}, a: [], b: { c: 1, d: {} } }), {
    a: [],
    b: { c: 1 },
  });
});

test("a field may have any name", () => {
  const fresh = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  assert.equal(JSON.stringify(merged({}, withoutEmpty(fresh))), '{"__proto__":{"a":1},"constructor":2}');
});
