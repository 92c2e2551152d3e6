import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HOSTILE, INSIDES, runningHostile } from "./hostile.ts";
import { appOf, ask, assertSecure, handFed } from "./setting.ts";
import { opened } from "./sockets.ts";

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
  const { app } = await runningHostile();
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
