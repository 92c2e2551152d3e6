import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { type Source, sourceNamed } from "../../src/sources/catalogue.ts";
import { openEventStream } from "../../src/sources/http-sse.ts";
import { followed } from "../support/followed.ts";
import { httpServer } from "../support/http-server.ts";
import { wikimedia } from "../support/recording.ts";
import { until } from "../support/until.ts";

const source = (url: string): Source => ({ ...sourceNamed("wikimedia-recentchange")!, url });
const EVENT_STREAM = { "content-type": "text/event-stream; charset=utf-8" };

/** Serves events, from behind the one that the client had last; an id is a place in the list, told as Wikimedia does. */
function eventsFrom(messages: readonly string[]) {
  return (request: IncomingMessage): string => {
    const last = request.headers["last-event-id"];
    const next = last === undefined ? 0 : JSON.parse(String(last))[0].offset + 1;
    return messages
      .map((message, i) => `event: message\nid: [{"topic":"t","offset":${i}}]\ndata: ${message}\n\n`)
      .slice(next)
      .join("");
  };
}

test("an answer of another type is refused, in words", async () => {
  const { url } = await httpServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.write("<p>");
  });
  await assert.rejects(openEventStream({ address: url, headers: {} }, AbortSignal.timeout(5000)), {
    status: 200,
    message: "expected an answer of type text/event-stream, got text/html; charset=utf-8",
  });
  const { ended } = followed(source(url));
  assert.match(
    String(await ended),
    /got text\/html; charset=utf-8; is it another stream's address, or another --protocol\?/,
  );
});

test("no type at all is refused too, and that of the standard is taken whatever its case", async () => {
  const { url } = await httpServer((request, response) => {
    if (request.url === "/none") return void response.end();
    response.writeHead(200, { "content-type": "Text/Event-Stream" }).end("data: 1\n\n");
  });
  const open = (path: string) =>
    openEventStream({ address: url + path, headers: {} }, AbortSignal.timeout(5000));
  await assert.rejects(open("/none"), /got none/);
  for await (const chunk of (await open("/")).chunks) assert.equal(chunk.toString(), "data: 1\n\n");
});

test("403 is told with what may mend it; 204 says stop, at once or later; 503 and 429 are waited for", async () => {
  const statuses = [503, 429, 200, 503, 200, 204];
  const asked: number[] = [];
  const { url } = await httpServer((request, response) => {
    if (request.url === "/403") return void response.writeHead(403).end();
    if (request.url === "/204") return void response.writeHead(204).end();
    asked.push(performance.now());
    const status = statuses[asked.length - 1]!;
    if (status === 429) response.setHeader("retry-after", "1");
    response.writeHead(status, EVENT_STREAM).end(status === 200 ? ": hello\n\n" : "");
  });
  assert.match(
    String(await followed(source(`${url}/403`)).ended),
    /answered 403: it does not let us in; perhaps because no --contact was given/,
  );
  assert.match(
    String(await followed(source(`${url}/204`)).ended),
    /the source says that it has nothing to give: stop/,
  );
  const { ended, told } = followed(source(url));
  assert.equal(await ended, undefined);
  assert.equal(asked.length, 6);
  assert.ok(asked[2]! - asked[1]! >= 990, "Retry-After is waited for");
  assert.match(told.at(-1)!.message, /no more to give \(204\): the stream ends$/);
});

test("who we are goes with every request, and so does the contact", async () => {
  const agents: (string | undefined)[] = [];
  const { url } = await httpServer((request, response) => {
    agents.push(request.headers["user-agent"]);
    response.writeHead(204).end();
  });
  await followed(source(url)).ended;
  await followed(source(url), { contact: "+https://example.org/" }).ended;
  assert.match(agents[0]!, /^rsvpulse\/\S+$/);
  assert.match(agents[1]!, /^rsvpulse\/\S+ \(\+https:\/\/example\.org\/\)$/);
});

test(
  "Wikimedia's recording gives its 100 changes, keyed on their wiki, though the connection is cut at many bytes",
  wikimedia.options,
  async () => {
    const lines = wikimedia.lines();
    const rest = eventsFrom(lines);
    let connections = 0;
    const { url } = await httpServer((request, response) => {
      connections++;
      response.writeHead(200, EVENT_STREAM);
      const bytes = Buffer.from(rest(request));
      // 61 and 997 share no factor with the length of an event, so that the cuts fall everywhere in it.
      const cut = connections * 61 + 997;
      if (cut >= bytes.length) return void response.write(bytes);
      response.write(bytes.subarray(0, cut), () => setImmediate(() => response.destroy()));
    });
    const { events, tally, stop } = followed(source(url));
    await until("all have come", () => tally.count("events") >= lines.length);
    await stop();
    assert.ok(connections > 30, `${connections} connections`);
    assert.deepEqual(
      events().map(({ event }) => event),
      lines.map((line) => JSON.parse(line)),
    );
    assert.deepEqual([...new Set(events().map(({ key }) => key))], ["enwiki"]);
    assert.deepEqual(
      events().map(({ cursor }) => JSON.parse(String(cursor))[0].offset),
      [...lines.keys()],
    );
    assert.equal(tally.read, lines.length + tally.count("repeats"));
  },
);

test(
  "a server that resumes by time, and so gives the last ones again, makes no event come twice",
  wikimedia.options,
  async () => {
    const lines = wikimedia.lines().slice(0, 40);
    let next = 0;
    const { url } = await httpServer((request, response) => {
      const last = request.headers["last-event-id"];
      const from = last === undefined ? 0 : Math.max(0, Number(last) - 4);
      next = Math.min(lines.length, from + 9);
      const events = lines.slice(from, next).map((line, i) => `id: ${from + i}\ndata: ${line}\n\n`);
      response.writeHead(200, EVENT_STREAM).write(events.join(""));
      if (next < lines.length) setImmediate(() => response.destroy());
    });
    const { events, tally, stop } = followed(source(url));
    await until("all have come", () => tally.count("events") >= lines.length);
    await stop();
    assert.equal(new Set(events().map(({ id }) => id)).size, lines.length);
    assert.equal(events().length, lines.length);
    assert.ok(tally.count("repeats") > 0);
  },
);

test("canaries are dropped and counted, with or without a time", async () => {
  const canary = { meta: { domain: "canary", dt: "2026-01-01T00:00:00Z" } };
  const { url } = await httpServer((_, response) => {
    response.writeHead(200, EVENT_STREAM);
    response.write(`data: ${JSON.stringify(canary)}\n\n:\n\ndata: {"meta":{"domain":"canary"}}\n\n`);
  });
  const { tally, stop } = followed(source(url));
  await until("they are counted", () => tally.count("filtered") === 2);
  await stop();
  assert.deepEqual([tally.count("bad"), tally.count("events")], [0, 0]);
});

test("retry is waited for before the next try", async () => {
  const asked: number[] = [];
  const { url } = await httpServer((_, response) => {
    asked.push(performance.now());
    response.writeHead(200, EVENT_STREAM).end("retry: 700\n\n");
  });
  const { stop } = followed(source(url));
  await until("it has come again", () => asked.length >= 2);
  await stop();
  assert.ok(asked[1]! - asked[0]! >= 690, String(asked[1]! - asked[0]!));
});
