import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after } from "node:test";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { type AppOptions, buildApp } from "../../src/api/app.ts";
import { SECURITY_HEADERS } from "../../src/api/guards.ts";
import { LiveStream } from "../../src/api/live-stream.ts";
import { PROBLEMS, type ProblemKind } from "../../src/api/problems.ts";
import type { Origin, Problem } from "../../src/api/wire.ts";
import { PLAIN_WORDS } from "../../src/detect/change-words.ts";
import type { Weights } from "../../src/distribution/counts.ts";
import { spreadOf } from "../../src/distribution/spread.ts";
import { type StatsRecord, statsExample, statsRecord } from "../../src/records/stats.ts";
import { scratchFolder } from "../support/scratch.ts";

/** 2017-03-19, noon UTC, s. */
export const NOON = 1_489_924_800;

/** A record of the second that ends so many seconds after noon. */
export function statsAt(second: number, fields: Partial<StatsRecord> = {}): StatsRecord {
  const byKey = fields.byKey ?? { CA: 2, NY: 1 };
  const events = Object.values(byKey).reduce((sum, count) => sum + count, 0);
  const record = { ...statsExample, t: (NOON + second) * 1000, stream: "s", seconds: 1, stale: 0, ...fields };
  return {
    ...statsRecord(record, { window: record, events: { ...record, byKey, events }, spread: record }),
    ...fields,
  };
}

/** A stream that is told by hand. Its clock stands still unless it is moved. */
export function handFed(origin: Origin = "store") {
  const clock = { ms: 0 };
  const live = new LiveStream({ origin, elapsed: () => clock.ms, wordsOf: () => PLAIN_WORDS });
  let second = 0;
  return {
    live,
    clock,
    /** Tells the next second, with the totals after it. */
    feed(all: Weights | Readonly<Record<string, number>> = { CA: 60, NY: 30, TX: 10 }, fields = {}) {
      const weights: Weights = all instanceof Map ? all : new Map(Object.entries(all));
      second++;
      const record = statsAt(second, { ...spreadOf(weights, "all"), ...fields });
      live.take([{ second: NOON + second - 1, record, usual: 3 }], () => weights);
    },
  };
}

const page = scratchFolder();
writeFileSync(`${page}/index.html`, "<!doctype html><title>the page</title>");
writeFileSync(`${page}/page.js`, "'use strict';");

/** An app over a stream, until the tests are done; a defect in it fails the test. */
export async function appOf(live: LiveStream, options: Partial<AppOptions> = {}): Promise<FastifyInstance> {
  const app = await buildApp({
    live,
    keyOf: (message) => {
      const { key } = message as { key?: unknown };
      return typeof key === "string" && key !== "" ? key : null;
    },
    hosts: ["pulse.example.org"],
    origins: [],
    page,
    version: "1.2.3",
    defect: (error) => {
      throw error;
    },
    ...options,
  });
  await app.ready();
  after(() => app.close());
  return app;
}

/** Asks as a browser on this machine would. */
export const ask = (
  app: FastifyInstance,
  url: string,
  options: InjectOptions = {},
): Promise<LightMyRequestResponse> =>
  app.inject({ url, ...options, headers: { host: "localhost:8000", ...options.headers } });

/** The headers that every answer must have, whatever it is. */
export function assertSecure(headers: Readonly<Record<string, unknown>>, what: string): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS))
    assert.equal(headers[name], value, `${name}: ${what}`);
}

/** It is a problem document of this kind; gives its words. */
export function assertProblem(response: LightMyRequestResponse, kind: ProblemKind): string {
  const { status, title } = PROBLEMS[kind];
  assert.equal(response.statusCode, status, response.body);
  assert.match(String(response.headers["content-type"]), /^application\/problem\+json/);
  assertSecure(response.headers, kind);
  const document = response.json<Problem>();
  assert.deepEqual(Object.keys(document), ["type", "title", "status", "detail"]);
  assert.deepEqual(
    [document.type, document.title, document.status],
    [`urn:rsvpulse:problem:${kind}`, title, status],
  );
  assert.ok(document.detail.length > 0);
  return document.detail;
}
