import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceNamed } from "../../src/sources/catalogue.ts";
import { followed } from "../support/followed.ts";
import { httpServer } from "../support/http-server.ts";
import { until } from "../support/until.ts";

const START = Date.now() - 1_000_000;
const meetup = sourceNamed("meetup-rsvps")!;
const line = (seconds: number, more: object = {}) =>
  `${JSON.stringify({ mtime: START + seconds * 1000, ...more })}\n`;

test("a source of lines resumes a minute before the newest, what is not wanted included, and no event comes twice", async () => {
  const asked: (string | null)[] = [];
  const { url } = await httpServer((request, response) => {
    asked.push(new URL(request.url!, "http://x").searchParams.get("since_mtime"));
    const first = `${line(0)}${line(280)}${line(300, { response: "no" })}{"mtime":`;
    // The first answer breaks off in a line; the second gives the newest message again, and a new one.
    if (asked.length > 1) return void response.write(line(280) + line(301));
    response.write(first, () => setImmediate(() => response.destroy()));
  });
  const drop = [{ path: "response", value: "no" }];
  const { events, tally, told, stop } = followed({ ...meetup, url: `${url}/2/rsvps?secret=1`, drop });
  await until("the last has come", () => tally.count("events") === 3);
  await stop();
  assert.deepEqual(asked, [null, String(START + 240_000)]);
  assert.deepEqual(
    events().map(({ t, cursor }) => [(t - START) / 1000, cursor]),
    [0, 280, 301].map((seconds) => [seconds, START + seconds * 1000]),
  );
  assert.equal(tally.read, 5);
  assert.deepEqual([tally.count("filtered"), tally.count("repeats")], [1, 1]);
  assert.ok(!JSON.stringify(told).includes("secret"), "what is in the query is told nowhere");
});

test("a log record of a loss tells since when it was connected, how far behind, how fast, what was dropped, and why", async () => {
  const { url } = await httpServer((_, response) => void response.end(`${line(0)}oops\n`));
  const { told, stop } = followed({ ...meetup, url });
  const loss = await until("the loss is told", () => told.find(({ facts }) => facts["wait"] !== undefined));
  await stop();
  assert.equal(loss.facts["connected"], true);
  assert.ok(Number(loss.facts["behind"]) >= 1000);
  assert.deepEqual(loss.facts["dropped"], { bad: 1 });
  assert.equal(loss.facts["reason"], "the source ended the stream");
  assert.ok(!Number.isNaN(Date.parse(String(loss.facts["since"]))));
});

test("what cannot be resumed has no cursor", async () => {
  const { url } = await httpServer((_, response) => void response.write(line(0)));
  const { events, tally, stop } = followed({ ...meetup, url, resume: "none" });
  await until("it has come", () => tally.count("events") === 1);
  await stop();
  assert.deepEqual(Object.keys(events()[0]!), ["t", "at", "stream", "key", "id", "event"]);
});
