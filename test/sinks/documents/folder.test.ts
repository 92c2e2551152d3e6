import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { folderDocuments } from "../../../src/sinks/documents/folder.ts";
import { scratchFolder } from "../../support/scratch.ts";

const scratch = scratchFolder();
const fresh = () => mkdtempSync(join(scratch, "store-"));
const contentOf = (path: string) => JSON.parse(readFileSync(path, "utf8")) as unknown;

test("a document is a file of its collection, its owner's alone, and is merged", async () => {
  const folder = fresh();
  const store = await folderDocuments(folder);
  const path = `${folder}/members/m1.json`;
  assert.deepEqual(
    await store.merge([{ collection: "members", id: "m1", fields: { a: 1, b: { c: 1 } } }]),
    [],
  );
  assert.deepEqual(contentOf(path), { a: 1, b: { c: 1 } });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await store.merge([{ collection: "members", id: "m1", fields: { b: { d: 2 }, e: {} } }]);
  assert.deepEqual(contentOf(path), { a: 1, b: { c: 1, d: 2 } });
  assert.deepEqual(readdirSync(`${folder}/.new`), []);
});

test("a document that is the same already is left alone", async () => {
  const folder = fresh();
  const store = await folderDocuments(folder);
  const batch = [{ collection: "groups", id: "m1", fields: { a: 1, b: 2 } }];
  await store.merge(batch);
  utimesSync(`${folder}/groups/m1.json`, 1, 1);
  await store.merge(batch);
  assert.equal(statSync(`${folder}/groups/m1.json`).mtimeMs, 1000);
});

test("a file that is no document, and a name that is none, are refused; the others are stored", async () => {
  const folder = fresh();
  const store = await folderDocuments(folder);
  mkdirSync(`${folder}/members`);
  writeFileSync(`${folder}/members/m1.json`, "garbage");
  const refused = await store.merge(
    ["m1", "../m2", "m3"].map((id) => ({ collection: "members", id, fields: { a: 1 } })),
  );
  assert.deepEqual(refused.map(({ document }) => document.id).sort(), ["../m2", "m1"]);
  assert.equal(readFileSync(`${folder}/members/m1.json`, "utf8"), "garbage");
  assert.deepEqual(contentOf(`${folder}/members/m3.json`), { a: 1 });
  assert.equal(existsSync(`${folder}/m2.json`), false);
});

test("what a killed process left half written is swept away after an hour", async () => {
  const folder = fresh();
  await folderDocuments(folder);
  for (const name of ["old", "new"]) writeFileSync(`${folder}/.new/${name}`, "{");
  utimesSync(`${folder}/.new/old`, 1, 1);
  await folderDocuments(folder);
  assert.deepEqual(readdirSync(`${folder}/.new`), ["new"]);
});

test("a place that takes no folder is one clear error", async () => {
  writeFileSync(`${scratch}/file`, "");
  await assert.rejects(
    folderDocuments(`${scratch}/file/x`),
    (error) => error instanceof ToolError && error.kind === "cannotCreate",
  );
});
