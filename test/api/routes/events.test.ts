import assert from "node:assert/strict";
import { test } from "node:test";
import { alertOf } from "../../store/alerts-contract.ts";
import { listenTo } from "../../support/sse.ts";
import { until } from "../../support/until.ts";
import { appOf, assertSecure, handFed } from "../setting.ts";
import { opened } from "../sockets.ts";

const PATIENCE = { request: 15_000, head: 10_000, idle: 30_000, listener: 60_000 };

async function running(options: Parameters<typeof appOf>[1] = {}) {
  const fed = handFed();
  fed.feed();
  const app = await appOf(fed.live, options);
  const door = await opened(app);
  const url = `http://127.0.0.1:${door.port}/events`;
  return {
    ...fed,
    app,
    door,
    url,
    heard: (size: number) => until(`${size} listen`, () => fed.live.hub.size === size),
  };
}

test("who listens is told how to come back, how things are, and then each second and each alert", async () => {
  const { live, feed, url } = await running();
  const listener = await listenTo(url);
  assert.equal(listener.status, 200);
  assertSecure(listener.headers, "/events");
  assert.equal(listener.headers["content-type"], "text/event-stream; charset=utf-8");
  assert.equal(listener.headers["cache-control"], "no-cache, no-transform");
  await until("the health came", () => listener.events().length === 1);
  assert.match(listener.text(), /^retry: 1000\n\nevent: health\n/);
  feed();
  live.alert("1-1", alertOf(1));
  await until("both came", () => listener.events().length === 3);
  assert.deepEqual(
    listener.events().map(({ name }) => name),
    ["health", "stats", "alert"],
  );
  assert.deepEqual(listener.events("alert")[0]!.data, alertOf(1));
  assert.deepEqual(listener.events("stats")[0]!.data, live.record());
});

test("Last-Event-ID goes on where the connection broke; what cannot be an id is told as a gap", async () => {
  const { live, feed, url, heard } = await running();
  const first = await listenTo(url);
  await heard(1);
  feed();
  await until("a second came", () => first.events("stats").length === 1);
  const lastId = first.lastId();
  first.close();
  await heard(0);
  for (let n = 0; n < 5; n++) live.alert(`${n}-0`, alertOf(n));
  feed();
  const again = await listenTo(url, { lastId });
  await until("all came", () => again.events("stats").length === 1);
  assert.deepEqual(
    again.events("alert").map(({ data }) => data),
    [0, 1, 2, 3, 4].map((n) => alertOf(n)),
  );
  assert.deepEqual(again.events("skipped"), []);
  for (const strange of ["nosuch", "0", "__proto__", "1".repeat(99)]) {
    const stranger = await listenTo(url, { lastId: strange });
    await until("it is told", () => stranger.events("skipped").length === 1);
  }
  const long = await listenTo(url, { lastId: "1".repeat(5000) });
  await until("the health came", () => long.events("health").length === 1);
});

test("two hundred may listen at once; one more is told to come again, until one leaves", async () => {
  const { url, heard, door } = await running();
  const listeners = await Promise.all(Array.from({ length: 200 }, () => listenTo(url)));
  await heard(200);
  const refused = await listenTo(url);
  assert.deepEqual([refused.status, refused.headers["retry-after"]], [429, "10"]);
  assert.match(String(refused.headers["content-type"]), /^application\/problem\+json/);
  assertSecure(refused.headers, "429");
  await refused.over;
  assert.equal(JSON.parse(refused.text()).type, "urn:rsvpulse:problem:too-many-listeners");
  assert.equal(
    (await door.send({ method: "GET", path: "/stats", headers: {} })).status,
    200,
    "others are served",
  );
  assert.equal((await door.send({ method: "HEAD", path: "/events", headers: {} })).status, 429);
  listeners[0]!.close();
  await heard(199);
  assert.equal((await listenTo(url)).status, 200);
});

test("HEAD takes no place", async () => {
  const { live, door } = await running();
  const { status, headers } = await door.send({ method: "HEAD", path: "/events", headers: {} });
  assert.deepEqual([status, headers["content-type"]], [200, "text/event-stream; charset=utf-8"]);
  assert.equal(live.hub.size, 0);
});

test("one that takes nothing loses its place after a while; one that listens keeps it", async () => {
  const { live, feed, url, door, heard } = await running({ patience: { ...PATIENCE, listener: 300 } });
  const good = await listenTo(url);
  const bad = door.open();
  bad.pause();
  bad.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await heard(2);
  const tell = setInterval(() => feed({ CA: 1 }, { stream: "x".repeat(100_000) }), 20);
  await heard(1);
  const before = good.events("stats").length;
  await until("the other hears on", () => good.events("stats").length > before + 5);
  clearInterval(tell);
  assert.equal(live.hub.size, 1);
});

test("one that reads slowly gets all in order, and the hub holds no more for it than for all", async () => {
  const { feed, url, heard } = await running();
  const slow = await listenTo(url);
  await heard(1);
  slow.pause();
  const names = Array.from({ length: 1000 }, (_, i) => `${i}`);
  // 7 MB at once: more than a connection takes, less than the hub keeps.
  for (const name of names) feed({ CA: 1 }, { stream: `${name}-`.padEnd(6500, "x") });
  slow.resume();
  await until("all came", () => slow.text().includes('"999-'));
  const got = slow.events("stats").map(({ data }) => String(data["stream"]).split("-")[0]);
  assert.deepEqual([got, slow.events("skipped")], [names, []]);
});

test("an origin that was asked for may listen", async () => {
  const { url } = await running({ origins: ["https://page.example"] });
  const { headers } = await listenTo(url, { headers: { origin: "https://page.example" } });
  assert.equal(headers["access-control-allow-origin"], "https://page.example");
  const other = await listenTo(url, { headers: { origin: "https://evil.com" } });
  assert.equal(other.headers["access-control-allow-origin"], undefined);
});

test("text of the stream is data: no break in it ends the event or begins another", async () => {
  const { live, url, heard } = await running();
  const listener = await listenTo(url);
  await heard(1);
  const text = "a\n\nevent: alert\ndata: {}\n\n\r\rid: 5\u2028\u0000";
  live.alert("1-1", alertOf(1, { text }));
  await until("it came", () => listener.events("alert").length > 0);
  assert.deepEqual(
    listener.events("alert").map(({ data }) => data["text"]),
    [text],
  );
});

test("the server closes at once though some listen", async () => {
  const { app, url, heard } = await running();
  const listeners = await Promise.all([listenTo(url), listenTo(url)]);
  await heard(2);
  listeners[1]!.pause();
  await app.close();
  await listeners[0]!.over;
});
