import assert from "node:assert/strict";
import { test } from "node:test";
import { recordOutput } from "../../src/core/ndjson-output.ts";
import type { Output } from "../../src/core/output.ts";

test("records of one batch are handed over at once, in order with those before and after; of none nothing is", async () => {
  const writes: string[] = [];
  const output: Output = {
    gone: new AbortController().signal,
    write: (bytes) => writes.push(String(bytes)) > 0,
    ready: () => undefined,
    flush: async () => {},
  };
  const records = recordOutput(output);
  records.write({ a: 1 });
  records.writeAll([{ b: "é" }, { c: [] }]);
  records.writeAll([]);
  records.write({ d: null });
  await records.end();
  assert.deepEqual(
    writes.filter((text) => text !== ""),
    ['{"a":1}\n', '{"b":"é"}\n{"c":[]}\n', '{"d":null}\n'],
  );
});
