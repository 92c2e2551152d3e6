import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { InjectOptions } from "fastify";
import { PROBLEMS, type ProblemKind } from "../../src/api/problems.ts";
import { alertOf } from "../store/alerts-contract.ts";
import { HOSTILE, INSIDES } from "./hostile.ts";
import { appOf, ask, assertProblem, assertSecure, handFed } from "./setting.ts";
import { opened } from "./sockets.ts";

const WEIGHTS = new Map(HOSTILE.map((key, i) => [key, i + 1]));

/** An app over a stream whose categories and alerts are hostile. */
async function running() {
  const fed = handFed();
  const byKey = Object.fromEntries(HOSTILE.map((key) => [key, 3]));
  for (let i = 0; i < 5; i++) fed.feed(WEIGHTS, { byKey });
  for (const [i, text] of HOSTILE.entries()) {
    fed.live.alert(String(i), alertOf(i, { text, why: [{ category: text, share: 1 }] }));
  }
  return { ...fed, app: await appOf(fed.live) };
}

test("hostile categories are told as they are, and asked for as they are", async () => {
  const { app } = await running();
  const histogram = new Map(Object.entries((await ask(app, "/histogram?over=all")).json()));
  assert.deepEqual(new Set(histogram.keys()), new Set(HOSTILE));
  const whole = [...WEIGHTS.values()].reduce((sum, weight) => sum + weight, 0);
  for (const [key, weight] of WEIGHTS) {
    assert.equal(histogram.get(key), weight / whole, JSON.stringify(key));
    const likelihood = (await ask(app, `/probability?over=all&key=${encodeURIComponent(key)}`)).json();
    assert.deepEqual([likelihood.key, likelihood.probability > 1 / (whole + 1)], [key, true], key);
    const posted = await ask(app, "/probability?over=all", {
      method: "POST",
      payload: JSON.stringify({ key }),
      headers: { "content-type": "application/json" },
    });
    assert.deepEqual(posted.json(), likelihood);
    if (key.includes(",")) continue;
    const chosen = await ask(app, `/histogram?over=all&keys=${encodeURIComponent(key)}`);
    assert.deepEqual(Object.entries(chosen.json()), [[key, weight / whole]]);
  }
  const { byKey } = (await ask(app, "/stats")).json();
  assert.deepEqual(new Set(Object.keys(byKey)), new Set(HOSTILE));
  const { categories } = (await ask(app, "/shares")).json<{ categories: { key: string; name: string }[] }>();
  assert.deepEqual(new Set(categories.map(({ key }) => key)), new Set(HOSTILE));
  assert.ok(categories.every(({ name }) => /^[^\p{Cc}\p{Zl}\u202e\u200b]+$/u.test(name)));
  const alerts = (await ask(app, "/alerts?limit=1000")).json<{ text: string }[]>();
  assert.deepEqual(alerts.map(({ text }) => text).reverse(), HOSTILE);
});

test("text from the stream never comes as anything a browser would run", async () => {
  const { app } = await running();
  for (const url of [
    "/histogram",
    "/stats",
    "/shares",
    "/alerts",
    `/probability?key=${encodeURIComponent("</script>")}`,
    "/histogram?keys=%3Cscript%3E",
    "/%3Cscript%3E",
    "/stats?%3Cscript%3E=1",
  ]) {
    const { headers } = await ask(app, url);
    assert.match(String(headers["content-type"]), /^application\/(?:problem\+)?json/, url);
    assertSecure(headers, url);
  }
});

test("a key of 256 characters is asked for, one of 257 is a wrong parameter; so are 8,193 of several", async () => {
  const { app } = await running();
  const of = (length: number) => ask(app, `/probability?key=${"k".repeat(length)}`);
  assert.equal((await of(256)).statusCode, 200);
  assert.match(assertProblem(await of(257), "bad-parameter"), /^key: must NOT have more than 256 characters/);
  assertProblem(await ask(app, `/histogram?keys=${"k".repeat(8193)}`), "bad-parameter");
});

test("keys that are long and many take no time, though there are a thousand long categories", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  feed(new Map(Array.from({ length: 1000 }, (_, i) => [`${i}`.padStart(256, "x"), 1])));
  const begun = performance.now();
  assertProblem(await ask(app, `/histogram?keys=${"y".repeat(8192)}`), "unknown-category");
  for (let i = 0; i < 5; i++) {
    assertProblem(await ask(app, `/histogram?keys=${"y".repeat(256 - i)}`), "unknown-category");
  }
  assert.ok(performance.now() - begun < 1500, `${performance.now() - begun} ms`);
});

const WRONG: readonly (readonly [string, ProblemKind, InjectOptions])[] = [
  ["nothing", "bad-body", { headers: { "content-type": "application/json" }, payload: "" }],
  ["broken JSON", "bad-body", { headers: { "content-type": "application/json" }, payload: '{"key":"CA"' }],
  ["two values", "bad-body", { headers: { "content-type": "application/json" }, payload: "{}{}" }],
  [
    "a number that JSON lacks",
    "bad-body",
    { headers: { "content-type": "application/json" }, payload: '{"key":NaN}' },
  ],
  [
    "bytes that are no UTF-8",
    "no-category",
    { headers: { "content-type": "application/json" }, payload: Buffer.from('{"x":"\xff\xfe"}', "latin1") },
  ],
  ...["[]", "null", "5", '"CA"', "true", "[{}]"].map(
    (payload) => [payload, "bad-body", { headers: { "content-type": "application/json" }, payload }] as const,
  ),
  ["text", "not-json", { headers: { "content-type": "text/plain" }, payload: "CA" }],
  [
    "a form",
    "not-json",
    { headers: { "content-type": "application/x-www-form-urlencoded" }, payload: "key=CA" },
  ],
  ["XML", "not-json", { headers: { "content-type": "text/xml" }, payload: "<key>CA</key>" }],
  ["a type that is none", "not-json", { headers: { "content-type": ";;;" }, payload: "{}" }],
  [
    "more than a mebibyte",
    "body-too-large",
    { headers: { "content-type": "application/json" }, payload: `{"x":"${"x".repeat(1 << 20)}"}` },
  ],
  [
    "another key",
    "no-category",
    { headers: { "content-type": "application/json" }, payload: '{"kye":"CA"}' },
  ],
  [
    "a key that is no text",
    "no-category",
    { headers: { "content-type": "application/json" }, payload: '{"key":5}' },
  ],
  [
    "a prototype",
    "no-category",
    { headers: { "content-type": "application/json" }, payload: '{"__proto__":{"key":"CA"}}' },
  ],
];

for (const [what, kind, options] of WRONG) {
  test(`POST /probability with ${what} is ${kind}`, async () => {
    const { app } = await running();
    const detail = assertProblem(await ask(app, "/probability", { method: "POST", ...options }), kind);
    assert.doesNotMatch(detail, INSIDES);
  });
}

test("a message of nearly a mebibyte, and one a hundred thousand levels deep, are read", async () => {
  const { app } = await running();
  const post = (payload: string) =>
    ask(app, "/probability", {
      method: "POST",
      payload,
      headers: { "content-type": "application/json; charset=utf-8" },
    });
  for (const payload of [
    `{"key":"x","pad":"${"x".repeat((1 << 20) - 40)}"}`,
    `{"key":"x","deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    `{"key":"x","deep":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
    '{"key":"x","__proto__":{"key":"y"},"constructor":{"prototype":{"key":"z"}}}',
  ]) {
    assert.equal((await post(payload)).json().key, "x", payload.slice(0, 60));
  }
  assert.equal(({} as { key?: unknown }).key, undefined, "no prototype was changed");
});

/** Errors that cannot be caused through this door: sockets, slow clients and the store are tried elsewhere. */
const ELSEWHERE: readonly ProblemKind[] = [
  ...(["nothing-stored", "store-away", "wrong-host"] as const),
  ...(["too-many-listeners", "too-slow", "head-too-large"] as const),
];

test("each kind of problem can be met, and a defect of ours says nothing of our insides", async () => {
  const met = new Set<string>(ELSEWHERE);
  const { app } = await running();
  for (const [, kind] of WRONG) met.add(kind);
  const expect = async (kind: ProblemKind, url: string, options: InjectOptions = {}) => {
    met.add(kind);
    return assertProblem(await ask(app, url, options), kind);
  };
  await expect("bad-request", "/%ff");
  await expect("bad-parameter", "/stats?x=1");
  await expect("unknown-category", "/histogram?keys=nosuch");
  assert.match(await expect("not-found", "/histgram"), /did you mean \/histogram\?/);
  await expect("not-found", `/${"x".repeat(5000)}`);
  await expect("not-found", `/vis/${"x".repeat(5000)}`);
  const post = await ask(app, "/histogram", { method: "POST", payload: {} });
  assert.equal(assertProblem(post, "method-not-allowed"), "/histogram takes GET, HEAD");
  assert.equal(post.headers["allow"], "GET, HEAD");
  assert.equal(
    assertProblem(await ask(app, "/probability", { method: "DELETE" }), "method-not-allowed"),
    "/probability takes GET, HEAD, POST",
  );
  met.add("method-not-allowed");

  const told: Error[] = [];
  const { live, feed } = handFed();
  feed();
  const broken = await appOf(live, {
    keyOf: () => {
      throw new TypeError(`secret at ${import.meta.url}`);
    },
    defect: (error) => void told.push(error),
  });
  const defect = await ask(broken, "/probability", { method: "POST", payload: {} });
  assert.doesNotMatch(assertProblem(defect, "defect"), /secret|TypeError/);
  assert.equal(told.length, 1);
  met.add("defect");
  assert.deepEqual([...met].sort(), Object.keys(PROBLEMS).sort());
});

const PATHS = [
  "/histogram",
  "/entropy",
  "/rate",
  "/probability",
  "/stats",
  "/history",
  "/shares",
  "/alerts",
  "/healthz",
  "/metrics",
  "/vis",
  "/vis/page.js",
  "/openapi.json",
  "/",
];
const NAMES = ["over", "keys", "key", "limit", "since", "alert", "state", "__proto__", "constructor", "x"];
const word = () =>
  fc.oneof(
    fc.constantFrom("recent", "all", "CA", "1", "0", "-1", "1e3", "firing", "rate", "", ...HOSTILE),
    fc.string({ unit: "binary", maxLength: 30 }).filter((text) => !/\p{Cs}/u.test(text)),
    fc.double().map(String),
  );
const raw = () =>
  fc.string({ unit: "grapheme-ascii", maxLength: 40 }).map((text) => text.replace(/[\s#]/g, "x"));
const path = () =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...PATHS) },
    raw().map((text) => `/${text}`),
    fc.tuple(fc.constantFrom(...PATHS), raw()).map(([known, text]) => `${known}/${text}`),
    word().map((text) => `/${encodeURIComponent(text)}`),
  );
const query = () =>
  fc.oneof(
    fc.constant(""),
    raw().map((text) => `?${text}`),
    fc
      .array(fc.tuple(fc.constantFrom(...NAMES), word()), { maxLength: 4 })
      .map((pairs) => `?${pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join("&")}`),
  );
const body = () =>
  fc.oneof(
    fc.constant(undefined),
    fc.json(),
    fc.record({ key: word() }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
const headers = () =>
  fc.dictionary(
    fc.constantFrom(
      "content-type",
      "accept",
      "origin",
      "last-event-id",
      "x-forwarded-host",
      "if-modified-since",
      "range",
      "accept-encoding",
      "content-encoding",
      "cookie",
      "x-http-method-override",
    ),
    fc.oneof(
      fc.constantFrom(
        "application/json",
        "text/plain",
        "*/*",
        "bytes=0-1",
        "bytes=9-1",
        "gzip",
        "DELETE",
        "null",
        "__proto__",
      ),
      fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
    ),
  );

test("whatever is asked over a socket is answered with no 5xx, no insides, and JSON that is JSON", async () => {
  const { app } = await running();
  const door = await opened(app);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"),
      path(),
      query(),
      headers(),
      body(),
      async (method, at, search, more, payload) => {
        const url = `${at}${search}`;
        const {
          status,
          headers: got,
          body: text,
        } = await door.send({ method, path: url, headers: more, payload });
        assert.ok(status >= 200 && status < 500, `${method} ${url}: ${status} ${text}`);
        assertSecure(got, `${method} ${url} ${status}`);
        const type = String(got["content-type"]);
        if (status >= 400 && method !== "HEAD") assert.match(type, /^application\/problem\+json/, url);
        if (/json/.test(type) && text !== "") assertTold(JSON.parse(text), `${url}: ${text.slice(0, 300)}`);
      },
    ),
    { numRuns: 1500 },
  );
});

/** No number that JSON does not have was made null where there should be one, and the problem's words are plain. */
function assertTold(value: unknown, what: string): void {
  const problem = value as { readonly type?: unknown; readonly detail?: string };
  if (typeof problem.type !== "string" || !problem.type.startsWith("urn:rsvpulse:problem:")) return;
  // A word of the request may be quoted: what stands in quotes is not ours.
  const own = problem.detail!.replace(/"(?:[^"\\]|\\.)*"/g, "").replace(/^\/\S* takes/, "");
  assert.doesNotMatch(own, INSIDES, what);
  assert.doesNotMatch(own, /NaN|Infinity|undefined|\[object/, what);
}

test("of the numbers of every answer none is NaN, infinite or lost, though the weights are odd", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(fc.constantFrom(0, 5e-324, 1e-200, 1e200), fc.double({ min: 0, max: 1e12, noNaN: true })),
        { maxLength: 6 },
      ),
      async (weights) => {
        const { live, feed } = handFed();
        const app = await appOf(live);
        feed(new Map([["k", 0], ...weights.map((weight, i) => [`k${i}`, weight] as const)]));
        const shares = Object.values((await ask(app, "/histogram?over=all")).json<Record<string, unknown>>());
        const whole = weights.reduce((sum, weight) => sum + weight, 0);
        const sum = shares.reduce<number>((total, share) => total + (share as number), 0);
        assert.ok(whole === 0 ? sum === 0 : Math.abs(sum - 1) < 1e-9, `${weights}: ${sum}`);
        for (const key of ["k0", "unknown"]) {
          const { probability, surprisal, rarity } = (
            await ask(app, `/probability?over=all&key=${key}`)
          ).json();
          assert.ok(
            [probability, surprisal, rarity].every((value) => Number.isFinite(value)),
            `${weights}`,
          );
        }
        assert.doesNotMatch((await ask(app, "/metrics")).body, /NaN|Inf/i);
        await app.close();
      },
    ),
    { numRuns: 40 },
  ));
