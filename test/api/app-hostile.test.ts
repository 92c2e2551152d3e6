import assert from "node:assert/strict";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import { PROBLEMS, type ProblemKind } from "../../src/api/problems.ts";
import { HOSTILE, INSIDES, runningHostile, WEIGHTS } from "./hostile.ts";
import { appOf, ask, assertProblem, assertSecure, handFed } from "./setting.ts";

test("hostile categories are told as they are, and asked for as they are", async () => {
  const { app } = await runningHostile();
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
  const { app } = await runningHostile();
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
  const { app } = await runningHostile();
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
    const { app } = await runningHostile();
    const detail = assertProblem(await ask(app, "/probability", { method: "POST", ...options }), kind);
    assert.doesNotMatch(detail, INSIDES);
  });
}

test("a message of nearly a mebibyte, and one a hundred thousand levels deep, are read", async () => {
  const { app } = await runningHostile();
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
  const { app } = await runningHostile();
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
