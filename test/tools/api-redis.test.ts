import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { AlertRecord } from "../../src/records/alert.ts";
import { lines, START } from "../detect/rates.ts";
import { alerts } from "../detect/recording.ts";
import { type ApiAnswer, answered, type RunningApi, startApi } from "../support/api.ts";
import { redisServer } from "../support/redis-server.ts";
import { runShell, runTool, startTool } from "../support/run-tool.ts";
import { until } from "../support/until.ts";

const server = await redisServer();
const env = { REDIS_URL: server.url };
/** All that tells of the stream. */
const OF_STREAM = ["histogram", "entropy", "rate", "probability?key=CA", "stats", "history", "shares"];

beforeEach(() => server.command("FLUSHALL"));

/** Events one a second, of a stream in which two of three are from CA. */
const events = (from: number, to: number, { stream = "rsvps", start = START, others = "CA" } = {}) =>
  Array.from({ length: to - from }, (_, i) => {
    const t = start + (from + i) * 1000;
    return `${JSON.stringify({ t, at: t, stream, key: i % 3 === 0 ? "NY" : others, id: null, event: {} })}\n`;
  }).join("");
/** Stores events in both branches, as scripts/ingest.sh does. */
async function store(input: string): Promise<void> {
  const counting = runTool("insert-distribution", [], { env, input });
  for (const { code, err } of [
    await runShell("bin/diff | bin/redis-insert", { env, input }),
    await counting,
  ]) {
    assert.equal(code, 0, err);
  }
}
const start = (...args: string[]): Promise<RunningApi> => startApi(args, { env });
const end = async (api: RunningApi) => {
  api.child.kill("SIGTERM");
  const { code, err } = await api.ended;
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /defect/);
  return err;
};
const problemOf = ({ json }: ApiAnswer) => String(json().type).split(":").at(-1);
const isOk = ({ status }: ApiAnswer) => status === 200;

/** A rate record of the stream, in which the mean gap is so long. */
const rated = (second: number, avg: number) =>
  lines([{ t: START + second * 1000, stream: "rsvps", avg, seconds: 1 }]);
/** check-detect, that puts into Redis what it finds. */
const detecting = () => startTool("check-detect", ["--below", "avg=1s", "--publish"], { env });

test("it waits for a stream, and tells it as soon as it is stored", async () => {
  const api = await start();
  const listener = await api.listen();
  for (const path of OF_STREAM) assert.equal(problemOf(await api.get(`/${path}`)), "nothing-stored", path);
  const { status, json } = await api.get("/healthz");
  assert.deepEqual([status, json().status, json().t], [200, "waiting", null]);
  assert.deepEqual((await api.get("/alerts")).json(), []);
  await store(events(0, 120));
  const shares = await answered("it is told", api, "/histogram?over=all", isOk);
  assert.deepEqual(shares.json(), { CA: 2 / 3, NY: 1 / 3 });
  for (const path of OF_STREAM) assert.equal((await api.get(`/${path}`)).status, 200, path);
  const { n, categories } = (await api.get("/entropy?over=all")).json();
  assert.deepEqual([n, categories], [120, 2]);
  const rate = (
    await answered("the window is there", api, "/rate", ({ json: of }) => of().avg !== null)
  ).json();
  assert.deepEqual([rate.stream, rate.avg, rate.window], ["rsvps", 1, 120]);
  assert.equal((await api.get("/history")).json().seconds.at(-1), START / 1000 + 119);
  await until("its seconds are told", () => listener.events("stats").length > 100);
  assert.ok(listener.events("health").length >= 2);
  await end(api);
});

test("answers are as new as the store, within a quarter of a second and a look", async () => {
  await store(events(0, 60));
  const api = await start();
  await answered("it is told", api, "/stats", isOk);
  for (const to of [61, 62, 63]) {
    await runTool("insert-distribution", [], { env, input: events(to - 1, to) });
    await answered(`${to} are told`, api, "/entropy?over=all", ({ json }) => json().n === to);
  }
  await end(api);
});

test("alerts that check-detect publishes are in /alerts, in /metrics, and told as they come, once each", async () => {
  await store(events(0, 60));
  const api = await start("--stream", "rsvps");
  const listener = await api.listen();
  const detector = detecting();
  detector.child.stdin.write(rated(0, 0.5));
  await until("the first is told", () => listener.events("alert").length === 1);
  detector.child.stdin.write(rated(100, 5) + rated(200, 0.5));
  detector.child.stdin.end();
  const { out } = await detector.ended;
  const expected = alerts(out);
  assert.ok(expected.length >= 3, out);
  await until("all are told", () => listener.events("alert").length === expected.length);
  assert.deepEqual(
    listener.events("alert").map(({ data }) => data),
    expected,
  );
  assert.deepEqual((await api.get("/alerts")).json(), [...expected].reverse());
  const firing = expected.filter(({ state }) => state === "firing").length;
  assert.ok(
    (await api.get("/metrics")).body.includes(
      `rsvpulse_alerts_total{alert="threshold",state="firing"} ${firing}\n`,
    ),
  );
  const late = await start("--stream", "rsvps");
  assert.deepEqual(
    (await late.get("/alerts")).json(),
    [...expected].reverse(),
    "who starts later has them too",
  );
  await end(late);
  await end(api);
});

test("a reader that comes back with Last-Event-ID has missed no alert, however often", async () => {
  await store(events(0, 60));
  const api = await start("--stream", "rsvps");
  const detector = detecting();
  const heard: Record<string, unknown>[] = [];
  let lastId: string | undefined;
  for (let i = 0; i < 6; i++) {
    const listener = await api.listen(lastId);
    detector.child.stdin.write(rated(i * 200, 0.5));
    // The third is away when its alert comes, and hears of it when it is back.
    if (i !== 2) await until("an alert is told", () => listener.events("alert").length > (i === 3 ? 1 : 0));
    else await until("something is told", () => listener.events().length > 0);
    listener.close();
    heard.push(...listener.events("alert").map(({ data }) => data));
    lastId = listener.lastId() ?? lastId;
    const told = heard.length;
    detector.child.stdin.write(rated(i * 200 + 100, 5));
    await until("another is stored", async () => (await api.get("/alerts?limit=1000")).json().length > told);
  }
  detector.child.stdin.end();
  const { out } = await detector.ended;
  const all = alerts(out);
  await answered("all are there", api, "/alerts?limit=1000", ({ json }) => json().length === all.length);
  const last = await api.listen(lastId);
  await until("the rest is told", () => heard.length + last.events("alert").length >= all.length);
  heard.push(...last.events("alert").map(({ data }) => data));
  assert.deepEqual(heard as unknown as AlertRecord[], all);
  await end(api);
});

test("while Redis is stopped all that tells of the stream is a 503 that says when to try again; then it goes on", async () => {
  await store(events(0, 60));
  const api = await start();
  const before = (await answered("it is told", api, "/histogram?over=all", isOk)).json();
  const listener = await api.listen();
  await server.stop();
  const away = await answered("it is away", api, "/healthz", ({ status }) => status === 503);
  assert.deepEqual([away.json().status, away.json().blind, away.headers["retry-after"]], ["away", true, "2"]);
  assert.match(away.json().detail, /^Redis does not answer; is it running\?/);
  for (const path of [...OF_STREAM, "alerts"]) {
    const answer = await api.get(`/${path}`);
    assert.deepEqual(
      [answer.status, problemOf(answer), answer.headers["retry-after"]],
      [503, "store-away", "2"],
      path,
    );
    assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
    assert.doesNotMatch(answer.body, /unix:|\.sock| {4}at /, "nothing of where it is");
  }
  const post = await api.post("/probability", { key: "CA" });
  assert.deepEqual([post.status, problemOf(post)], [503, "store-away"]);
  const metrics = await api.get("/metrics");
  assert.deepEqual([metrics.status, /^rsvpulse_store_up 0$/m.test(metrics.body)], [200, true]);
  assert.equal((await api.get("/vis")).status, 200);
  await until("listeners are told", () =>
    listener.events("health").some(({ data }) => data["status"] === "away"),
  );
  await server.start();
  const back = await answered("it is back", api, "/histogram?over=all", isOk);
  assert.deepEqual(back.json(), before);
  assert.equal((await api.get("/healthz")).status, 200);
  await store(events(60, 120));
  await answered("it goes on", api, "/entropy?over=all", ({ json }) => json().n === 120);
  assert.equal(listener.events("skipped").length, 0);
  const err = await end(api);
  assert.equal(err.match(/the store is away \(/g)?.length, 1, err);
  assert.equal(err.match(/the store is back after/g)?.length, 1, err);
});

test("a Redis that hangs is a 503 within seconds for all who ask, never a wait without end", async () => {
  await store(events(0, 60));
  const api = await start();
  await answered("it is told", api, "/stats", isOk);
  server.pause();
  try {
    await until("a look finds it hanging", async () => (await api.get("/healthz")).status === 503, 15);
    const begun = performance.now();
    const answers = await Promise.all(OF_STREAM.map((path) => api.get(`/${path}`)));
    const took = performance.now() - begun;
    assert.ok(answers.every(({ status }) => status === 503));
    assert.ok(took < 6000, `${took} ms`);
    assert.equal((await api.get("/vis")).status, 200);
  } finally {
    server.resume();
  }
  await answered("it is back", api, "/stats", isOk);
  await end(api);
});

test("while Redis hangs a signal ends it all the same", async () => {
  await store(events(0, 60));
  const api = await start();
  await answered("it is told", api, "/stats", isOk);
  server.pause();
  try {
    await until("a look finds it hanging", async () => (await api.get("/healthz")).status === 503, 15);
    await end(api);
  } finally {
    server.resume();
  }
});

test("an emptied Redis is a stream that is waited for; one that begins anew, earlier, is told anew", async () => {
  await store(events(0, 120));
  const api = await start();
  await answered("it is told", api, "/stats", isOk);
  const listener = await api.listen();
  await server.command("FLUSHALL");
  const gone = await answered("it is gone", api, "/stats", ({ status }) => status === 404);
  assert.equal(problemOf(gone), "nothing-stored");
  const health = await api.get("/healthz");
  assert.deepEqual([health.status, health.json().status, health.json().t], [200, "waiting", null]);
  assert.equal((await api.get("/metrics")).status, 200);
  const early = START - 86_400_000;
  await store(events(0, 60, { start: early, others: "TX" }));
  const { json } = await answered("the new one is told", api, "/histogram?over=all", isOk);
  assert.deepEqual(Object.keys(json()).sort(), ["NY", "TX"]);
  const { seconds } = (await api.get("/history")).json();
  assert.ok(
    seconds.every((second: number) => second < early / 1000 + 100),
    "nothing of the old one is drawn",
  );
  await until("its seconds are told", () =>
    listener.events("stats").some(({ data }) => Number(data["t"]) < START),
  );
  await end(api);
});

test("several streams must be told apart, with 64 that lists them; with --stream each is served", async () => {
  await store(events(0, 30, { stream: "a" }) + events(0, 30, { stream: "b", others: "TX" }));
  const { code, out, err } = await runTool("api", ["--port", "0"], { env });
  assert.deepEqual([code, out], [64, ""], err);
  assert.match(err, /there are several streams; say which: --stream a \| b/);
  const api = await start("--stream", "b");
  const { json } = await answered("it is told", api, "/histogram?over=all", isOk);
  assert.deepEqual(Object.keys(json()).sort(), ["NY", "TX"]);
  await end(api);
});

test("without insert-distribution the rate is told, and of shares that nothing was counted", async () => {
  const { code } = await runShell("bin/diff | bin/redis-insert", { env, input: events(0, 60) });
  assert.equal(code, 0);
  const api = await start();
  const { json } = await answered("it is told", api, "/rate", isOk);
  assert.equal(json().avg, 1);
  const shares = await api.get("/histogram");
  assert.deepEqual([shares.status, problemOf(shares)], [404, "nothing-stored"]);
  for (const path of ["/stats", "/history", "/shares", "/metrics", "/healthz", "/entropy"]) {
    assert.equal((await api.get(path)).status, 200, path);
  }
  await end(api);
});

test("a stream of which nothing comes any more is blind, with its age, and no 503", async () => {
  const input = `${events(0, 30)}${JSON.stringify({ tick: START + 31_000, at: START + 31_000, stream: "rsvps", connected: false })}\n`;
  await store(input);
  const api = await start();
  const { status, json } = await answered(
    "it is blind",
    api,
    "/healthz",
    ({ json: of }) => of().blind === true,
  );
  assert.deepEqual([status, json().status, json().connected], [200, "blind", false]);
  assert.ok(json().age >= 0);
  assert.match(json().detail, /source is not connected/);
  await end(api);
});

test("it looks at Redis no more often for a thousand requests than for none", async () => {
  await store(events(0, 60));
  const api = await start();
  await answered("it is told", api, "/stats", isOk);
  const scripts = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await server.command("INFO", "commandstats"))![1]);
  const [before, begun] = [await scripts(), performance.now()];
  for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 50 }, () => api.get("/stats")));
  const [after, seconds] = [await scripts(), (performance.now() - begun) / 1000];
  // Four looks a second and one of its own, of two scripts each.
  assert.ok(after - before <= 2 * 5 * (seconds + 1), `${after - before} in ${seconds} s`);
  await end(api);
});
