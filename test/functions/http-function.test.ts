import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorKind, type Facts, ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import { type Handler, httpFunction } from "../../src/functions/http-function.ts";
import { serveFunction } from "../support/functions.ts";

const KEY = "k3y/with+SECRET";
let count = 0;

/** A handler over HTTP, and what it logged. */
async function served(handle: Handler) {
  const told: string[] = [];
  const url = await serveFunction(
    `test_${count++}`,
    httpFunction(handle, {
      log: logOf((severity, message, facts) => told.push(JSON.stringify({ severity, message, ...facts }))),
      methods: ["POST", "GET"],
      secretParameters: ["key"],
      secrets: () => ["other SECRET", undefined],
    }),
  );
  const ask = async (query = "", init: RequestInit = {}) => {
    const response = await fetch(`${url}${query}`, init);
    const text = await response.text();
    assert.ok(!`${text}${told.join("")}`.includes("SECRET"), text);
    assert.ok(!text.includes("    at "), text);
    return { status: response.status, headers: response.headers, body: JSON.parse(text) };
  };
  return { ask, told };
}
const failing = (error: Error) =>
  served(async () => {
    throw error;
  });

test("what a handler gives is sent as JSON, the body reaches it byte for byte", async () => {
  const { ask, told } = await served(async ({ body, parameter }) => ({
    status: 201,
    body: { text: body.toString(), a: parameter("a") },
  }));
  const body = '{ "x" :1.0 }\n';
  const headers = { "content-type": "application/json" };
  const got = await ask("?a=b%20c", { method: "POST", body, headers });
  assert.equal(got.status, 201);
  assert.deepEqual(got.body, { text: body, a: "b c" });
  assert.equal(got.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(got.headers.get("cache-control"), "no-store");
  assert.deepEqual(told, []);
});

for (const query of ["", "?a=", "?a=%20", "?b=1", "?a[x]=1"]) {
  test(`a parameter that is missing is a 400 that names it: ${query || "no query"}`, async () => {
    const { ask } = await served(async ({ parameter }) => ({ status: 200, body: { a: parameter("a") } }));
    const { status, body, headers } = await ask(query);
    assert.equal(status, 400);
    assert.equal(body.detail, "the parameter a is missing: add ?a=…");
    assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
  });
}

test("a parameter that is there twice is a 400", async () => {
  const { ask } = await served(async ({ parameter }) => ({ status: 200, body: { a: parameter("a") } }));
  assert.equal((await ask("?a=1&a=2")).body.detail, "expected the parameter a once, got it 2 times");
});

test("a method that is not the function's is a 405 that lists them", async () => {
  const { ask } = await served(async () => ({ status: 200, body: {} }));
  const { status, headers } = await ask("", { method: "DELETE" });
  assert.equal(status, 405);
  assert.equal(headers.get("allow"), "POST, GET");
});

test("a body of more than 10 MiB is a 413", async () => {
  const { ask } = await served(async ({ body }) => ({ status: 200, body: { bytes: body.length } }));
  // The framework reads a body that says its type, and leaves the other to the function.
  for (const headers of [{}, { "content-type": "text/plain" }]) {
    const post = (bytes: number) => ask("", { method: "POST", headers, body: Buffer.alloc(bytes, "x") });
    assert.deepEqual((await post(10 * 2 ** 20)).body, { bytes: 10 * 2 ** 20 });
    assert.equal((await post(10 * 2 ** 20 + 1)).status, 413);
  }
});

const cases: readonly [ErrorKind, Facts, number, string | null][] = [
  ["usage", {}, 400, null],
  ["badInput", {}, 400, null],
  ["permission", { status: 401 }, 403, null],
  ["permission", { status: 403 }, 403, null],
  ["unavailable", { status: 429, retryAfter: 12.3 }, 429, "13"],
  ["unavailable", { status: 503, retryAfter: 5 }, 503, "5"],
  ["unavailable", {}, 503, "30"],
  ["unavailable", { retryAfter: "soon" }, 503, "30"],
  ["configuration", {}, 500, null],
  ["io", {}, 500, null],
  ["cannotCreate", {}, 500, null],
  ["defect", {}, 500, null],
];
for (const [kind, facts, status, retryAfter] of cases) {
  test(`${kind} with ${JSON.stringify(facts)} is a ${status}`, async () => {
    const { ask, told } = await failing(new ToolError(kind, "words for a person", { facts }));
    const got = await ask();
    assert.equal(got.status, status);
    assert.equal(got.headers.get("retry-after"), retryAfter);
    const detail = status === 500 ? "the function failed; its log says why" : "words for a person";
    assert.deepEqual(got.body, { type: "about:blank", status, detail });
    assert.equal(told.length, 1);
    assert.deepEqual(JSON.parse(told[0]!), {
      severity: status === 400 ? "WARNING" : "ERROR",
      message: "words for a person",
      kind,
      status,
    });
  });
}

test("a defect's stack and words are in the log, and never in the answer", async () => {
  const { ask, told } = await failing(new TypeError("x is not a function"));
  const { status, body } = await ask();
  assert.equal(status, 500);
  assert.equal(body.detail, "the function failed; its log says why");
  assert.match(
    told[0]!,
    /"severity":"ERROR","message":"x is not a function","stack":"TypeError: .*http-function/,
  );
});

test("secrets are in no answer and no log, whichever way they are written", async () => {
  const error = new ToolError(
    "unavailable",
    `GET /2/members?key=${encodeURIComponent(KEY)} and ${KEY} and other SECRET: no answer`,
  );
  const { ask, told } = await failing(error);
  const { body } = await ask(`?key=${encodeURIComponent(KEY)}`);
  assert.equal(body.detail, "GET /2/members?key=[secret] and [secret] and [secret]: no answer");
  assert.match(told[0]!, /key=\[secret\]/);
  const defect = await failing(new Error(`broken at ${KEY}`));
  await defect.ask(`?key=${encodeURIComponent(KEY)}`);
  assert.match(defect.told[0]!, /broken at \[secret\]/);
});
