import assert from "node:assert/strict";
import { test } from "node:test";
import { appOf, ask, assertProblem, assertSecure, handFed } from "./setting.ts";

const PATHS = [
  "/histogram",
  "/probability?key=CA",
  "/alerts",
  "/healthz",
  "/metrics",
  "/events",
  "/vis",
  "/vis/page.js",
  "/openapi.json",
  "/",
  "/nowhere",
  "/%ff",
];

async function running(options: Parameters<typeof appOf>[1] = {}) {
  const { live, feed } = handFed();
  feed();
  return { live, app: await appOf(live, options) };
}

test("a request for another host is refused on every path, before anything else is looked at", async () => {
  const { app } = await running({ origins: ["https://page.example"] });
  for (const host of [
    "evil.com",
    "evil.com:8000",
    "127.0.0.1.evil.com",
    "a.nip.io",
    "localhost.evil.com",
    "user@127.0.0.1",
  ]) {
    // One that cannot be decoded is refused before, and tells nothing.
    for (const url of PATHS.filter((path) => path !== "/%ff")) {
      const response = await ask(app, url, { headers: { host } });
      assert.match(assertProblem(response, "wrong-host"), /--allow-host/, `${url} of ${host}`);
    }
  }
  const post = await ask(app, "/probability", {
    method: "POST",
    payload: "x".repeat(2 << 20),
    headers: { host: "evil.com" },
  });
  assertProblem(post, "wrong-host");
  const preflight = await ask(app, "/histogram", {
    method: "OPTIONS",
    headers: { host: "evil.com", origin: "https://page.example", "access-control-request-method": "GET" },
  });
  assertProblem(preflight, "wrong-host");
  assert.equal(preflight.headers["access-control-allow-origin"], undefined);
});

test("addresses, localhost and allowed names are answered, with any port", async () => {
  const { app } = await running();
  for (const host of [
    "127.0.0.1:8000",
    "[::1]:8000",
    "[::ffff:127.0.0.1]",
    "localhost",
    "LOCALHOST:1",
    "pulse.example.org:443",
    "Pulse.Example.Org",
  ]) {
    assert.equal((await ask(app, "/healthz", { headers: { host } })).statusCode, 200, host);
  }
});

test("every answer has the headers that keep a browser safe, errors too", async () => {
  const { app, live } = await running({ origins: ["https://page.example"] });
  const all = async (when: string) => {
    for (const url of PATHS) {
      if (url === "/events") continue;
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] as const) {
        const { headers } = await ask(app, url, { method });
        assertSecure(headers, `${method} ${url} ${when}`);
        assert.equal(headers["x-powered-by"], undefined);
        assert.equal(headers["server"], undefined);
      }
    }
  };
  await all("while it is there");
  live.stand("away");
  await all("while it is away");
  assertSecure((await ask(app, "/events", { method: "HEAD" })).headers, "/events");
});

test("no page of another origin may read an answer unless it was asked for", async () => {
  const { app } = await running();
  for (const url of PATHS.filter((path) => path !== "/events")) {
    for (const method of ["GET", "OPTIONS"] as const) {
      const { headers } = await ask(app, url, {
        method,
        headers: { origin: "https://page.example", "access-control-request-method": "GET" },
      });
      const cors = Object.keys(headers).filter((name) => name.startsWith("access-control-"));
      assert.deepEqual(cors, [], `${method} ${url}`);
    }
  }
});

test("an origin that was asked for may read, and no other, on every path, errors too", async () => {
  const { app } = await running({ origins: ["https://page.example", "http://localhost:3000"] });
  const allowed = async (url: string, origin: string | undefined) =>
    (await ask(app, url, { method: "HEAD", headers: origin === undefined ? {} : { origin } })).headers;
  for (const url of PATHS) {
    const { "access-control-allow-origin": own, vary } = await allowed(url, "https://page.example");
    if (url === "/%ff") continue;
    assert.equal(own, "https://page.example", url);
    assert.match(String(vary), /Origin/i, "caches tell them apart");
    for (const other of [
      "https://evil.com",
      "https://page.example.evil.com",
      "http://page.example",
      "null",
      undefined,
      "https://page.example:444",
    ]) {
      assert.equal(
        (await allowed(url, other))["access-control-allow-origin"],
        undefined,
        `${url} of ${other}`,
      );
    }
  }
  assert.equal(
    (await allowed("/stats", "http://localhost:3000"))["access-control-allow-origin"],
    "http://localhost:3000",
  );
  assert.equal(
    (await allowed("/stats", "http://localhost:3000"))["access-control-allow-credentials"],
    undefined,
  );
});

test("a preflight is answered for an origin that was asked for, and only for that", async () => {
  const { app } = await running({ origins: ["https://page.example"] });
  const preflight = (headers: Record<string, string>) =>
    ask(app, "/probability", { method: "OPTIONS", headers });
  const good = await preflight({ origin: "https://page.example", "access-control-request-method": "POST" });
  assert.deepEqual(
    [good.statusCode, good.headers["access-control-allow-origin"]],
    [204, "https://page.example"],
  );
  assert.match(String(good.headers["access-control-allow-methods"]), /GET.*POST/);
  const other = await preflight({ origin: "https://evil.com", "access-control-request-method": "POST" });
  const none = await preflight({});
  for (const { headers, body } of [other, none]) {
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(body, "");
  }
});
