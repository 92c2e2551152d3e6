import assert from "node:assert/strict";
import { after, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { ToolError } from "../../../src/core/errors.ts";
import { backOff, Passing, retried } from "../../../src/core/retry.ts";
import type { DocumentStore } from "../../../src/profiles/document-store.ts";
import { firestoreStore } from "../../../src/sinks/documents/firestore.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { type CommitFate, firestoreServer } from "../../support/firestore-server.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";
process.env["GOOGLE_CLOUD_PROJECT"] = "test-project";

/** The official client, and Firestore's wire on this machine. */
async function setting(...[fate]: Parameters<typeof firestoreServer>) {
  const server = await firestoreServer(fate);
  process.env["FIRESTORE_EMULATOR_HOST"] = server.host;
  const store = await firestoreStore({ prefix: "people" });
  after(() => store.close());
  return { server, store };
}

const member = (id: number, fields: object) => ({
  collection: "members",
  id: `m${id}`,
  fields: fields as Record<string, unknown>,
});

test("documents are merged by their fields: what the new answer has not stays", async () => {
  const { server, store } = await setting();
  await store.merge([
    member(1, {
      id: 1,
      name: "Ann",
      photo: { id: 7, link: "x" },
      topics: [{ id: 1 }, { id: 2 }],
      lat: 1.5,
      ok: true,
    }),
    { collection: "groups", id: "m1", fields: { name: "Group" } },
  ]);
  await store.merge([
    member(1, { photo: { id: 8 }, topics: [], bio: null, self: { common: {} }, "odd.name`s": { "a b": 1 } }),
  ]);
  assert.deepEqual(Object.fromEntries(server.documents), {
    "people-members/m1": {
      id: 1,
      name: "Ann",
      photo: { id: 8, link: "x" },
      topics: [],
      lat: 1.5,
      ok: true,
      bio: null,
      "odd.name`s": { "a b": 1 },
    },
    "people-groups/m1": { name: "Group" },
  });
  assert.deepEqual(server.commits, [2, 1]);
  // Nothing is read first: no transaction is begun, none rolled back.
  assert.deepEqual(server.others, []);
});

test("at most five hundred documents go in one commit", async () => {
  const { server, store } = await setting();
  await store.merge(Array.from({ length: 1201 }, (_, i) => member(i, { id: i })));
  assert.deepEqual(server.commits, [500, 500, 201]);
  assert.equal(server.documents.size, 1201);
});

for (const [name, code] of [
  ["ABORTED", status.ABORTED],
  ["UNAVAILABLE", status.UNAVAILABLE],
  ["RESOURCE_EXHAUSTED", status.RESOURCE_EXHAUSTED],
  ["DEADLINE_EXCEEDED", status.DEADLINE_EXCEEDED],
] as const) {
  test(`${name} is one commit and an error that may pass; the client does not retry by itself`, async () => {
    const { server, store } = await setting(() => ({ code }));
    await assert.rejects(
      store.merge([member(1, { id: 1 })]),
      (error) => error instanceof Passing && error.message === `it answers ${name}`,
    );
    assert.deepEqual(server.commits, [1]);
    assert.equal(server.documents.size, 0);
  });
}

test("failures are waited out with a back-off that doubles and is capped, and a batch that is sent again counts once", async () => {
  const clock = fakeClock();
  const times: number[] = [];
  const failures = [
    status.ABORTED,
    status.UNAVAILABLE,
    status.RESOURCE_EXHAUSTED,
    status.ABORTED,
    status.ABORTED,
  ];
  const { server, store } = await setting((commit): CommitFate => {
    times.push(clock.elapsed());
    const code = failures[commit];
    return code === undefined ? undefined : { code, stored: commit % 2 === 0 };
  });
  await retriedMerge(store, clock, 1);
  assert.deepEqual(
    times.map((time, i) => time - (times[i - 1] ?? 0)),
    [0, 500, 1000, 2000, 3000, 3000],
  );
  assert.deepEqual(Object.fromEntries(server.documents), { "people-members/m1": { id: 1 } });
  // The jitter is full.
  const waits = backOff({ first: 500, max: 3000, random: () => 0.1 });
  assert.deepEqual([waits.next(), waits.next()], [50, 100]);
});

const retriedMerge = (store: DocumentStore, clock: ReturnType<typeof fakeClock>, random: number) =>
  retried(() => store.merge([member(1, { id: 1 })]), {
    first: 500,
    max: 3000,
    random: () => random,
    clock,
    signal: new AbortController().signal,
  });

test("a document that Firestore takes in no form is found, and the others are stored", async () => {
  const { server, store } = await setting((_, { writes }) =>
    writes?.some(({ update }) => update?.name.endsWith("/m7") === true) === true
      ? { code: status.INVALID_ARGUMENT }
      : undefined,
  );
  const refused = await store.merge(Array.from({ length: 20 }, (_, i) => member(i, { id: i })));
  assert.deepEqual(
    refused.map(({ document, reason }) => [document.id, /INVALID_ARGUMENT/.test(reason)]),
    [["m7", true]],
  );
  assert.equal(server.documents.size, 19);
});

test("a value that the client itself refuses costs its own document only", async () => {
  const { server, store } = await setting();
  const refused = await store.merge([member(1, { id: 1 }), member(2, { "": 1 }), member(3, { id: 3 })]);
  assert.deepEqual(
    refused.map(({ document }) => document.id),
    ["m2"],
  );
  assert.equal(server.documents.size, 2);
});

test("what waiting does not mend is told with what to do", async () => {
  const cases = [
    [status.PERMISSION_DENIED, "permission", /Cloud Datastore User/],
    [status.UNAUTHENTICATED, "permission", /Cloud Datastore User/],
    [status.NOT_FOUND, "configuration", /no such database/],
    [status.FAILED_PRECONDITION, "configuration", /Native mode/],
  ] as const;
  for (const [code, kind, message] of cases) {
    const { store } = await setting(() => ({ code }));
    await assert.rejects(
      store.merge([member(1, { id: 1 })]),
      (error) => error instanceof ToolError && error.kind === kind && message.test(error.message),
    );
  }
});

test("a database that nobody serves is unanswered", async () => {
  const { server, store } = await setting();
  server.stop();
  await assert.rejects(
    store.merge([member(1, { id: 1 })]),
    (error) => error instanceof Passing && !error.answered,
  );
});
