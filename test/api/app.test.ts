import assert from "node:assert/strict";
import { test } from "node:test";
import { alertOf } from "../store/alerts-contract.ts";
import { appOf, ask, assertProblem, assertSecure, handFed, NOON } from "./setting.ts";

const WEIGHTS = { CA: 45, FL: 75, NY: 522 };

/** An app over a stream of which a few seconds came. */
async function running() {
  const fed = handFed();
  for (let i = 0; i < 5; i++) fed.feed(WEIGHTS);
  return { ...fed, app: await appOf(fed.live) };
}

test("/histogram gives the share of each category, unrounded, the largest first", async () => {
  const { app } = await running();
  const { statusCode, headers, body } = await ask(app, "/histogram?over=all");
  assert.deepEqual([statusCode, headers["content-type"]], [200, "application/json; charset=utf-8"]);
  assert.equal(body, `{"NY":${522 / 642},"FL":${75 / 642},"CA":${45 / 642}}`);
  assert.equal((await ask(app, "/histogram")).body, body, "recent is what is meant without");
});

test("/histogram?keys= gives those that are asked for, in their order, as shares of all", async () => {
  const { app } = await running();
  assert.equal(
    (await ask(app, "/histogram?over=all&keys=CA,FL,CA")).body,
    `{"CA":${45 / 642},"FL":${75 / 642}}`,
  );
  const detail = assertProblem(await ask(app, "/histogram?keys=CA,fk"), "unknown-category");
  assert.match(detail, /^"fk" was never seen \(did you mean FL\?\)|^"fk" was never seen \(did you mean/);
  assertProblem(await ask(app, "/histogram?keys=CA,"), "bad-parameter");
  assertProblem(await ask(app, "/histogram?keys="), "bad-parameter");
});

test("/entropy gives the spread of a view, and says of which", async () => {
  const { app, live } = await running();
  const { t, stream, over, entropy, entropyCorrected, n, categories } = (
    await ask(app, "/entropy?over=all")
  ).json();
  assert.deepEqual([t, stream, over, n, categories], [live.record().t, "s", "all", 642, 3]);
  const shares = [45, 75, 522].map((weight) => weight / 642);
  const bits = -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
  assert.ok(Math.abs(entropy - bits) < 1e-9);
  assert.ok(entropyCorrected > entropy);
});

test("/probability gives a category's probability, bits and rarity; an unknown one has a small one", async () => {
  const { app } = await running();
  const of = async (key: string) => (await ask(app, `/probability?over=all&key=${key}`)).json();
  const { key, probability, surprisal, rarity } = await of("CA");
  assert.deepEqual([key, probability], ["CA", 45.25 / 643]);
  assert.ok(Math.abs(surprisal + Math.log2(probability)) < 1e-9);
  assert.ok(Math.abs(rarity - 45.5 / 643) < 1e-9);
  assert.equal((await of("ZZ")).probability, 0.25 / 643);
  assertProblem(await ask(app, "/probability"), "bad-parameter");
});

test("POST /probability takes a message and gives the same of its category", async () => {
  const { app } = await running();
  const post = (payload: object) => ask(app, "/probability?over=all", { method: "POST", payload });
  assert.deepEqual(
    (await post({ key: "CA" })).json(),
    (await ask(app, "/probability?over=all&key=CA")).json(),
  );
  assertProblem(await post({}), "no-category");
  assertProblem(await post([]), "bad-body");
});

test("/rate is a rate record, /stats the newest stats record", async () => {
  const { app, live } = await running();
  assert.deepEqual((await ask(app, "/stats")).json(), live.record());
  const rate = (await ask(app, "/rate")).json<object>();
  assert.deepEqual(
    Object.keys(rate),
    "t stream avg rate count window events seconds late silence connected stale".split(" "),
  );
});

test("/history has columns of one length, /shares what stands against the hour before", async () => {
  const { app } = await running();
  const { seconds, rate, usual, entropy, noun } = (await ask(app, "/history")).json();
  assert.deepEqual(
    seconds,
    [1, 2, 3, 4, 5].map((second) => NOON + second),
  );
  assert.deepEqual([rate, usual, entropy.length, noun], [Array(5).fill(3), Array(5).fill(3), 5, "event"]);
  const { now, categories } = (await ask(app, "/shares?limit=1")).json();
  assert.deepEqual([now, categories[0].key], [{ seconds: 5, n: 15 }, "CA"]);
});

test("/alerts gives the newest first, chosen by kind, state and time", async () => {
  const { app, live } = await running();
  assert.deepEqual((await ask(app, "/alerts")).json(), []);
  for (let n = 0; n < 150; n++)
    live.alert(String(n), alertOf(n, { state: n % 2 === 0 ? "firing" : "resolved" }));
  const ask1 = async (query: string) => (await ask(app, `/alerts?${query}`)).json<{ t: number }[]>();
  assert.equal((await ask1("")).length, 100);
  assert.deepEqual(await ask1("limit=1"), [alertOf(149, { state: "resolved" })]);
  assert.equal((await ask1(`since=${alertOf(148).t}&state=firing`)).length, 1);
  assert.deepEqual(await ask1("alert=blind"), []);
  for (const query of [
    "limit=0",
    "limit=1001",
    "limit=x",
    "since=x",
    "alert=x",
    "state=x",
    "limit=1&limit=2",
  ]) {
    assertProblem(await ask(app, `/alerts?${query}`), "bad-parameter");
  }
});

test("/healthz tells how the stream is: waiting, live, blind, away", async () => {
  const { live, clock, feed } = handFed();
  const app = await appOf(live);
  const health = async () => (await ask(app, "/healthz")).json();
  const empty = await health();
  assert.deepEqual(
    [empty.status, empty.t, empty.age, empty.connected, empty.blind],
    ["waiting", null, null, null, false],
  );
  feed();
  clock.ms = 2500;
  const { status, age, blind, stream, connected, detail } = await health();
  assert.deepEqual(
    [status, age, blind, stream, connected, detail],
    ["live", 2.5, false, "s", true, undefined],
  );
  clock.ms = 60_000;
  assert.deepEqual([(await health()).status, (await health()).blind], ["blind", true]);
  feed({ CA: 1 }, { connected: false });
  assert.match((await health()).detail, /source is not connected/);
  live.stand("away");
  const away = await ask(app, "/healthz");
  assert.deepEqual([away.statusCode, away.headers["retry-after"], away.json().status], [503, "2", "away"]);
});

test("a store that is away is a 503 with Retry-After for all that tells of the stream; the rest is served on", async () => {
  const { app, live } = await running();
  live.stand("away");
  for (const url of [
    "histogram",
    "entropy",
    "rate",
    "probability?key=CA",
    "stats",
    "alerts",
    "history",
    "shares",
  ]) {
    const response = await ask(app, `/${url}`);
    assert.match(assertProblem(response, "store-away"), /^Redis does not answer; is it running\?/);
    assert.equal(response.headers["retry-after"], "2", url);
  }
  const post = await ask(app, "/probability", { method: "POST", payload: { key: "CA" } });
  assertProblem(post, "store-away");
  for (const url of ["/metrics", "/vis", "/openapi.json"])
    assert.equal((await ask(app, url)).statusCode, 200, url);
});

test("before anything is stored, and once it is forgotten, that is a 404 that says what to do; the rest is served on", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  const assertEmpty = async (when: string) => {
    for (const url of ["histogram", "entropy", "rate", "probability?key=CA", "stats", "history", "shares"]) {
      assert.match(assertProblem(await ask(app, `/${url}`), "nothing-stored"), /start scripts\/ingest\.sh/);
    }
    for (const url of ["/metrics", "/vis", "/healthz", "/alerts"]) {
      assert.equal((await ask(app, url)).statusCode, 200, `${url} ${when}`);
    }
    const { status, t, age, connected } = (await ask(app, "/healthz")).json();
    assert.deepEqual([status, t, age, connected], ["waiting", null, null, null], when);
  };
  await assertEmpty("before");
  feed();
  live.stand("waiting");
  await assertEmpty("after");
});

test("where no event with a category was counted there are no shares to tell; where all weigh nothing, noughts", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  feed({});
  for (const url of ["/histogram", "/probability?key=CA"]) {
    assert.match(assertProblem(await ask(app, url), "nothing-stored"), /No event with a category/, url);
  }
  assert.deepEqual(
    [(await ask(app, "/entropy")).json().entropy, (await ask(app, "/entropy")).json().n],
    [null, 0],
  );
  for (const url of ["/stats", "/rate", "/metrics", "/shares", "/history", "/healthz"]) {
    assert.equal((await ask(app, url)).statusCode, 200, url);
  }
  feed({ CA: 0, NY: 0 });
  assert.equal((await ask(app, "/histogram")).body, '{"CA":0,"NY":0}');
  assert.equal((await ask(app, "/entropy")).json().entropy, null);
  assert.ok((await ask(app, "/probability?key=CA")).json().probability > 0);
  assert.doesNotMatch((await ask(app, "/metrics")).body, /NaN|category_share\{/);
});

test("answers are worked out anew when something came, and only then", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  feed({ CA: 1 });
  assert.equal((await ask(app, "/histogram")).body, '{"CA":1}');
  feed({ CA: 1, NY: 1 });
  assert.equal((await ask(app, "/histogram")).body, '{"CA":0.5,"NY":0.5}');
});

test("a request waits until the stream is brought up to date, and is answered by what is known where that fails", async () => {
  const { live, feed } = handFed();
  let asked = 0;
  const refresh = async () => {
    asked++;
    feed({ CA: asked });
  };
  const app = await appOf(live, { refresh });
  assert.equal((await ask(app, "/probability?key=CA")).json().probability, 1.5 / 2);
  assert.equal(asked, 1);
  for (const url of ["/vis", "/openapi.json", "/nowhere", "/"]) await ask(app, url);
  assert.equal(asked, 1, "what tells nothing of the stream need not wait");
});

test("/ leads to the page, which and whose files are served as what they are", async () => {
  const { app } = await running();
  const root = await ask(app, "/");
  assert.deepEqual([root.statusCode, root.headers["location"]], [308, "/vis"]);
  const page = await ask(app, "/vis");
  assert.deepEqual([page.statusCode, page.headers["content-type"]], [200, "text/html; charset=utf-8"]);
  const script = await ask(app, "/vis/page.js");
  assert.match(String(script.headers["content-type"]), /javascript/);
  for (const { headers } of [root, page, script]) assertSecure(headers, "the page");
  for (const url of [
    "nosuch.js",
    "../app.js",
    "%2e%2e/api.js",
    "..%2fapi.js",
    "%2e%2e%2f%2e%2e%2fpackage.json",
    "",
    "%00",
    ".",
    "..%5capi.js",
  ]) {
    const { statusCode, body, headers } = await ask(app, `/vis/${url}`);
    assert.ok(statusCode >= 300 && statusCode < 500, `${url}: ${statusCode} ${body}`);
    assertSecure(headers, url);
    assert.doesNotMatch(body, /rsvpulse-test|use strict|node_modules/);
  }
});

test("a page that was not built is not found, which is no fault of the method", async () => {
  const { live } = handFed();
  const app = await appOf(live, { page: "/nonexistent/page" });
  assertProblem(await ask(app, "/vis"), "not-found");
});

test("HEAD gives the headers of GET and no body, everywhere", async () => {
  const { app } = await running();
  const urls = [
    "histogram",
    "entropy",
    "rate",
    "stats",
    "history",
    "shares",
    "alerts",
    "healthz",
    "vis",
    "openapi.json",
  ];
  for (const url of [...urls.map((name) => `/${name}`), "/probability?key=CA", "/vis/page.js", "/metrics"]) {
    const [head, get] = [await ask(app, url, { method: "HEAD" }), await ask(app, url)];
    assert.deepEqual([head.statusCode, head.body], [200, ""], url);
    assert.equal(head.headers["content-type"], get.headers["content-type"], url);
    assertSecure(head.headers, url);
  }
  const events = await ask(app, "/events", { method: "HEAD" });
  assert.deepEqual(
    [events.statusCode, events.headers["content-type"]],
    [200, "text/event-stream; charset=utf-8"],
  );
});
