import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { alertOf } from "../store/alerts-contract.ts";
import { HOSTILE } from "./hostile.ts";
import { parseExposition, type Sample } from "./prometheus.ts";
import { appOf, ask, handFed, NOON } from "./setting.ts";

async function samplesOf(app: FastifyInstance): Promise<Sample[]> {
  const { statusCode, headers, body } = await ask(app, "/metrics");
  assert.deepEqual([statusCode, headers["content-type"]], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  return parseExposition(body);
}
const named = (samples: readonly Sample[], name: string) =>
  samples.filter((sample) => sample.name === `rsvpulse_${name}`);
const numberOf = (samples: readonly Sample[], name: string) => {
  const [sample, ...more] = named(samples, name);
  assert.equal(more.length, 0);
  return sample?.value;
};
const sharesOf = (samples: readonly Sample[]) =>
  new Map(named(samples, "category_share").map(({ labels, value }) => [labels["category"]!, value]));

/** What stands where a stream's number would, while there is none. */
const OF_STREAM = [
  "connected",
  "stream_timestamp_seconds",
  "stale_seconds",
  "silence_seconds",
  "event_rate_per_second",
  "mean_gap_seconds",
  "window_gaps",
  "window_seconds",
  "usual_rate_per_second",
  "categories",
];

test("a stream that is there has its numbers, in base units", async () => {
  const { live, clock, feed } = handFed();
  const app = await appOf(live);
  feed({ CA: 45, NY: 55 }, { avg: 0.5, rate: 2, count: 240, window: 120, silence: 0.25 });
  clock.ms = 1500;
  const samples = await samplesOf(app);
  const values = {
    store_up: 1,
    connected: 1,
    stream_timestamp_seconds: NOON + 1,
    stale_seconds: 1.5,
    silence_seconds: 0.25,
    event_rate_per_second: 2,
    mean_gap_seconds: 0.5,
    window_gaps: 240,
    window_seconds: 120,
    usual_rate_per_second: 3,
    categories: 2,
    api_listeners: 0,
  };
  for (const [name, value] of Object.entries(values)) assert.equal(numberOf(samples, name), value, name);
  assert.deepEqual(
    [...sharesOf(samples)],
    [
      ["NY", 0.55],
      ["CA", 0.45],
    ],
  );
  assert.deepEqual(
    named(samples, "counted_events").map(({ labels, value }) => [labels["over"], value]),
    [
      ["recent", 100],
      ["all", 100],
    ],
  );
  assert.ok(samples.every(({ name }) => name.startsWith("rsvpulse_")));
});

test("what is not known has no sample: before anything came, while the store is away, and where it is null", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  const told = async () => {
    const samples = await samplesOf(app);
    return [...OF_STREAM, "entropy_bits", "counted_events", "category_share"].filter(
      (name) => named(samples, name).length > 0,
    );
  };
  assert.deepEqual(await told(), []);
  feed();
  assert.equal((await told()).length, 13);
  live.stand("away");
  assert.deepEqual(await told(), []);
  assert.equal(numberOf(await samplesOf(app), "store_up"), 0);
  feed({ CA: 1 }, { avg: null, rate: null, silence: null, count: null, window: null });
  const missing = [
    "silence_seconds",
    "event_rate_per_second",
    "mean_gap_seconds",
    "window_gaps",
    "window_seconds",
  ];
  const back = await told();
  assert.deepEqual(
    OF_STREAM.filter((name) => !back.includes(name)),
    missing,
  );
  assert.equal(numberOf(await samplesOf(app), "store_up"), 1);
});

test("hostile categories are label values as they are, in one series each", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  for (let from = 0; from < HOSTILE.length; from += 20) {
    const some = HOSTILE.slice(from, from + 20);
    feed(new Map(some.map((key, i) => [key, i + 1])));
    assert.deepEqual(new Set(sharesOf(await samplesOf(app)).keys()), new Set(some));
  }
});

test("whatever the categories are called, the exposition is in form", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  const name = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.constantFrom("\\", "\\n", "\n", '"', '\\"', '"} 1\n'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        name.filter((text) => !/\p{Cs}/u.test(text)),
        { maxLength: 10, minLength: 1 },
      ),
      async (names) => {
        feed(new Map(names.map((key) => [key, 1])));
        assert.deepEqual(new Set(sharesOf(await samplesOf(app)).keys()), new Set(names));
      },
    ),
    { numRuns: 150 },
  );
});

test("of a thousand categories the twenty largest have a series, and those of before none any more", async () => {
  const { live, feed } = handFed();
  const app = await appOf(live);
  const many = (offset: number) => new Map(Array.from({ length: 1000 }, (_, i) => [`k${i + offset}`, i + 1]));
  for (const offset of [0, 500]) {
    feed(many(offset));
    assert.deepEqual(
      [...sharesOf(await samplesOf(app)).keys()],
      Array.from({ length: 20 }, (_, i) => `k${999 + offset - i}`),
    );
  }
});

test("requests count by route and status, whatever addresses are made up", async () => {
  const { live } = handFed();
  const app = await appOf(live);
  for (let i = 0; i < 50; i++) await ask(app, `/nowhere-${i}?${i}`);
  for (let i = 0; i < 50; i++) await ask(app, `/vis/nosuch-${i}.js`);
  for (let i = 0; i < 3; i++) await ask(app, `/stats?x=${i}`);
  const counts = named(await samplesOf(app), "api_requests_total");
  assert.ok(counts.length < 10, `${counts.length}`);
  const of = (route: string, status: string) =>
    counts.find(({ labels }) => labels["route"] === route && labels["status"] === status)?.value;
  assert.deepEqual([of("none", "404"), of("/stats", "400")], [100, 3]);
});

test("alerts count by kind and state, and never go back", async () => {
  const { live } = handFed();
  const app = await appOf(live);
  for (let n = 0; n < 1100; n++) live.alert(String(n), alertOf(n));
  live.alert("x", alertOf(1, { state: "resolved" }));
  for (let again = 0; again < 2; again++) {
    assert.deepEqual(
      named(await samplesOf(app), "alerts_total").map(({ labels, value }) => [
        labels["alert"],
        labels["state"],
        value,
      ]),
      [
        ["rate", "firing", 1100],
        ["rate", "resolved", 1],
      ],
    );
  }
});
