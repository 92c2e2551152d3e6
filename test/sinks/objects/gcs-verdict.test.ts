import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, refusal } from "../../../src/sinks/objects/gcs-verdict.ts";

for (const code of [
  "CONTENT_DOWNLOAD_MISMATCH",
  "FILE_NO_UPLOAD",
  "FILE_NO_UPLOAD_DELETE",
  "MD5_NOT_AVAILABLE",
]) {
  test(`damage that the client tells as ${code} is tried again`, () => {
    const verdict = judge(Object.assign(new Error("damaged"), { code }));
    assert.deepEqual([verdict.kind, verdict.answered], ["again", true]);
  });
}

test("who lacks permission is told of roles that neither overwrite nor delete", () => {
  const { message } = refusal("gs://b", "b", Object.assign(new Error("no"), { code: 403 }));
  assert.match(message, /roles\/storage.objectCreator and roles\/storage.objectViewer/);
});
