import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { type ApiAnswer, answered, type RunningApi, startApi } from "../support/api.ts";
import { ROOT, runShell, runTool, startTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

/** Real RSVPs, recorded; not part of the project. */
const DATA = process.env["RSVPULSE_DATA"] ?? `${ROOT}/../shared/data`;
const FILE = `${DATA}/meetup-rsvps-2017-03-19.ndjson`;
const recorded = existsSync(FILE) ? {} : { skip: `no recording at ${FILE}; RSVPULSE_DATA names its folder` };
const NOON = 1_489_924_800_000;
const folder = scratchFolder();

const event = (second: number, key: string | null, stream = "s") => {
  const t = NOON + second * 1000;
  return `${JSON.stringify({ t, at: t, stream, key, id: String(second), event: {} })}\n`;
};
const events = (from: number, to: number, stream = "s") =>
  Array.from({ length: to - from }, (_, i) => event(from + i, i % 3 === 0 ? "NY" : "CA", stream)).join("");

/** Starts it on standard input. */
const serve = async (input: string, args: readonly string[] = []): Promise<RunningApi> => {
  const api = await startApi(["--stdin", ...args]);
  api.child.stdin.write(input);
  return api;
};
const ends = async (api: RunningApi, signal?: NodeJS.Signals) => {
  if (signal !== undefined) api.child.kill(signal);
  return api.ended;
};
const problemOf = ({ json }: ApiAnswer) => json().type.split(":").at(-1);

test(
  "the recorded RSVPs of the US give the shares, the entropy and the probabilities that are known",
  recorded,
  async () => {
    const { out } = await runShell(`bin/ingest --replay ${FILE} --speed max --where group.group_country=us`);
    const api = await serve(out, ["--stream", "replay", "--source", "meetup-rsvps"]);
    api.child.stdin.end();
    await answered("the input ended", api, "/healthz", ({ json }) => json().status === "ended");
    const shares = (await api.get("/histogram?over=all")).json() as Record<string, number>;
    assert.equal(shares["FL"], 75 / 642);
    assert.equal(Object.keys(shares).length, 38);
    assert.ok(Math.abs(Object.values(shares).reduce((a, b) => a + b, 0) - 1) < 1e-12);
    const { entropy, n, categories } = (await api.get("/entropy?over=all")).json();
    assert.deepEqual([entropy.toFixed(3), n, categories], ["4.481", 642, 38]);
    const ca = (await api.get("/probability?key=CA&over=all")).json();
    assert.ok(Math.abs(ca.probability - 45 / 642) < 2 / 642, `${ca.probability}`);
    const unknown = (await api.get("/probability?key=ZZ&over=all")).json();
    assert.ok(unknown.probability > 0 && unknown.probability < 1 / 642);
    assert.ok(unknown.surprisal > 9 && unknown.rarity < 0.01);
    const [message] = readFileSync(FILE, "utf8")
      .split("\n")
      .filter((line) => line.includes('"group_state":"CA"'));
    assert.deepEqual((await api.post("/probability?over=all", JSON.parse(message!))).json(), ca);
    assert.deepEqual(
      (
        await api.post(
          "/probability?over=all",
          JSON.parse(out.split("\n").find((line) => line.includes('"key":"CA"'))!),
        )
      ).json(),
      ca,
    );
    const { rate, window } = (await api.get("/rate")).json();
    assert.ok(rate > 0 && window === 120);
    assert.ok((await api.get("/history")).json().seconds.length > 900);
    assert.equal((await api.get("/shares")).json().places, "us-states");
    const alerts = (await api.get("/alerts")).json() as { alert: string }[];
    assert.deepEqual(
      new Set(alerts.map(({ alert }) => alert)),
      new Set(["unusual"]),
      "first RSVPs of rare states",
    );
    assert.equal((await ends(api, "SIGTERM")).code, 0);
  },
);

test("it tells what comes as it comes, and serves on once the input has ended", async () => {
  const api = await serve("");
  assert.equal(problemOf(await api.get("/stats")), "nothing-stored");
  assert.equal((await api.get("/healthz")).json().status, "waiting");
  const listener = await api.listen();
  api.child.stdin.write(events(0, 30));
  const { json } = await answered("events came", api, "/histogram?over=all", ({ status }) => status === 200);
  assert.deepEqual(json(), { CA: 2 / 3, NY: 1 / 3 });
  await until("seconds are told", () => listener.events("stats").length === 29);
  const health = () => listener.events("health").map(({ data }) => data["status"]);
  await until("it is live", () => health().includes("live"));
  api.child.stdin.end();
  await until("the end is told", () => health().includes("ended"));
  assert.equal((await api.get("/healthz")).status, 200);
  assert.equal((await api.get("/stats")).json().stream, "s");
  const { code, err } = await ends(api, "SIGINT");
  assert.equal(code, 0, err);
  assert.match(err, /standard input ended; what it gave is served on/);
  assert.match(err, /api: 30 read = 30 events\n$/);
});

test("it watches by itself: a surge is among the alerts and is told", async () => {
  const api = await serve("", ["--below", "avg=500ms", "--for", "2s", "--window", "5s"]);
  const listener = await api.listen();
  let fast = "";
  for (let i = 0; i < 300; i++) fast += event(60 + i / 10, "TX");
  api.child.stdin.write(events(0, 60) + fast);
  await until("it is told", () => listener.events("alert").length > 0);
  const { data } = listener.events("alert")[0]!;
  assert.deepEqual([data["alert"], data["state"], data["field"]], ["threshold", "firing", "avg"]);
  assert.deepEqual((await api.get("/alerts?state=firing")).json()[0], data);
  assert.match(
    (await api.get("/metrics")).body,
    /rsvpulse_alerts_total\{alert="threshold",state="firing"\} 1/,
  );
  assert.equal((await ends(api, "SIGTERM")).code, 0);
});

test("--end-with-input ends with it, in order; without an event there is nothing to serve on", async () => {
  const api = await serve(events(0, 10), ["--end-with-input"]);
  const listener = await api.listen();
  api.child.stdin.end();
  const { code } = await api.ended;
  await listener.over;
  assert.equal(code, 0);
  const empty = await runTool("api", ["--stdin", "--port", "0"], { input: "" });
  assert.equal(empty.code, 0);
  assert.match(empty.err, /standard input had no event, so there is nothing to serve/);
});

test("of several streams on standard input the first is served, or the one that is named, and the rest are counted", async () => {
  const input = events(0, 3, "a") + events(0, 5, "b");
  const first = await serve(input);
  await answered("it came", first, "/stats", ({ status }) => status === 200);
  first.child.stdin.end();
  await answered("the input ended", first, "/healthz", ({ json }) => json().status === "ended");
  assert.equal((await first.get("/stats")).json().stream, "a");
  const { err } = await ends(first, "SIGTERM");
  assert.match(err, /there are several streams; a is served, and b is not \(--stream chooses\)/);
  assert.match(err, /8 read = 3 events \+ 5 other streams/);
  const named = await serve(input, ["--stream", "b"]);
  const { json } = await answered("it came", named, "/stats", ({ status }) => status === 200);
  assert.equal(json().stream, "b");
  assert.equal((await ends(named, "SIGTERM")).code, 0);
});

test("hostile events are served as they are, and in /metrics in form", async () => {
  const keys = [
    "__proto__",
    "constructor",
    "</script>",
    "\u202e",
    '"\\\n',
    "\u0000",
    "x".repeat(256),
    "y".repeat(257),
  ];
  const api = await serve(keys.map((key, i) => event(i, key)).join("") + event(20, null));
  const { json } = await answered("all came", api, "/histogram?over=all", ({ body }) => body.includes("xxx"));
  assert.deepEqual(new Set(Object.keys(json())), new Set(keys.slice(0, -1)));
  assert.equal((await api.get("/metrics")).status, 200);
  assert.equal((await api.get("/probability?key=__proto__&over=all")).json().probability, (1 + 1 / 8) / 8);
  assert.equal((await ends(api, "SIGTERM")).code, 0);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  test(`${signal} ends it with 0 at once, though some listen, wait or say nothing`, async () => {
    const api = await serve(events(0, 10));
    const listeners = await Promise.all([api.listen(), api.listen()]);
    listeners[1]!.pause();
    await api.get("/healthz");
    const idle = ["", "GET /healthz HTTP/1.1\r\nHo"].map((bytes) => {
      const socket = connect(api.port, "127.0.0.1").on("error", () => {});
      socket.write(bytes);
      return new Promise((resolve) => socket.on("close", resolve));
    });
    await answered("all are there", api, "/metrics", ({ body }) => /api_listeners 2$/m.test(body));
    const begun = performance.now();
    const { code, signal: killed, err } = await ends(api, signal);
    assert.deepEqual([code, killed], [0, null], err);
    assert.ok(performance.now() - begun < 4000, "without waiting for what never ends");
    await Promise.all([listeners[0]!.over, ...idle]);
    assert.equal(existsSync(api.portFile), false, "the file of the port is removed");
  });
}

test("a port in use is 69 and says what to do, whether standard input is open or not; the other is left alone", async () => {
  const api = await serve(events(0, 3));
  const file = `${folder}/port-in-use`;
  const second = startTool("api", ["--stdin", "--port", String(api.port), "--port-file", file]);
  const { code, err } = await second.ended;
  assert.equal(code, 69, err);
  assert.match(err, /^api: port \d+ of 127\.0\.0\.1 is in use; .*--port/);
  assert.equal(existsSync(file), false);
  assert.equal((await api.get("/healthz")).status, 200);
  await ends(api, "SIGTERM");
});

for (const [args, said] of [
  [
    ["--stdin", "--allow-host", "evil.com:80"],
    /--allow-host: expected names of hosts without port, got "evil.com:80"/,
  ],
  [["--stdin", "--allow-host", "http://x"], /--allow-host: expected names of hosts/],
  [["--stdin", "--allow-host", "a,,b"], /--allow-host: expected names with commas between/],
  [["--stdin", "--cors", "*"], /--cors: expected origins such as https:\/\/example\.org, got "\*"/],
  [["--stdin", "--cors", "https://x.org/path"], /--cors: expected origins/],
  [["--stdin", "--cors", "x.org"], /--cors: expected origins/],
  [["--stdin", "--port", "70000"], /--port: expected a port from 0 to 65535/],
  [["--stdin", "--host", "203.0.113.7", "--port", "0"], /expected an address of this machine in --host/],
  ...[
    "--end-with-input",
    "--strict",
    "--window=5s",
    "--keys=CA",
    "--detect=rate",
    "--below=avg=1s",
    "--time=t",
    "--false-alarms=1/day",
  ].map((option) => [[option], new RegExp(`${option.split("=")[0]} goes with --stdin`)] as const),
] as const) {
  test(`${args.join(" ")} is 64 and says why`, async () => {
    const { code, out, err } = await runTool("api", args, { env: { REDIS_URL: "redis://127.0.0.1:1" } });
    assert.deepEqual([code, out], [64, ""], err);
    assert.match(err, said);
    assert.equal(err.split("\n").length, 2);
  });
}

test("a Redis that was never reached is 69 within seconds, and nothing listens", async () => {
  const file = `${folder}/port-never`;
  const { code, err } = await runTool("api", ["--port", "0", "--port-file", file], {
    env: { REDIS_URL: "redis://127.0.0.1:1" },
  });
  assert.equal(code, 69);
  assert.match(err, /^api: cannot reach Redis at .*; start one/m);
  assert.equal(existsSync(file), false);
});

test("the page is served as it was built, under a policy that lets nothing else run", async () => {
  const api = await serve(events(0, 3));
  const { status, headers, body } = await api.get("/vis");
  assert.equal(status, existsSync(`${ROOT}/dist/page/index.html`) ? 200 : 404);
  assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe/);
  for (const [, path] of body.matchAll(/(?:src|href)="([^"#:]+)"/g)) {
    const at = new URL(path!, `${api.url}/vis`).pathname;
    assert.equal((await api.get(at)).status, 200, at);
  }
  for (const path of ["/vis/../api.js", "/vis/%2e%2e/api.js", "/vis/..%2fapi.js", "/vis//etc/passwd"]) {
    assert.ok([400, 404].includes((await api.get(path)).status), path);
  }
  await ends(api, "SIGTERM");
});

test("the memory of readers that take nothing is bounded", {
  skip: existsSync("/proc/self/status") ? false : "no /proc here",
}, async () => {
  const api = await serve(event(0, "CA"));
  const slow = await Promise.all(Array.from({ length: 20 }, () => api.listen()));
  for (const listener of slow) listener.pause();
  const quick = await api.listen();
  await answered("all listen", api, "/metrics", ({ body }) => /api_listeners 21$/m.test(body));
  const resident = () =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${api.child.pid}/status`, "utf8"))![1]) / 1024;
  const before = resident();
  const keys = Array.from({ length: 100 }, (_, i) => `${i}`.padStart(200, "k"));
  // 20 readers, 3,000 seconds of 20 KB: 1,200 MB, were all of it held for each.
  for (let second = 1; second <= 3000; second++) {
    let lines = "";
    for (const key of keys) lines += event(second, key);
    if (!api.child.stdin.write(lines)) await new Promise((resolve) => api.child.stdin.once("drain", resolve));
  }
  await until("all is told", () => quick.text().includes(`"t":${NOON + 3_000_000},`));
  const grown = resident() - before;
  assert.ok(grown < 350, `${grown} MiB`);
  assert.equal((await ends(api, "SIGTERM")).code, 0);
});
