import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { ToolError } from "../../src/core/errors.ts";
import { stayConnected } from "../../src/sources/connection.ts";
import { openNdjson } from "../../src/sources/http-ndjson.ts";

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stays connected for some ms and tells what was heard. */
async function journalOf(url: string, { stall, ms }: { stall: number; ms: number }): Promise<string[]> {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), ms);
  const journal: string[] = [];
  await stayConnected({
    open: (signal) => openNdjson({ address: url, headers: {} }, signal),
    stop: stop.signal,
    stall,
    clock: systemClock,
    random: Math.random,
    unreachable: (reason) => new ToolError("unavailable", reason),
    handlers: {
      connected: () => void journal.push("connected"),
      chunk: (chunk) => void journal.push(chunk.toString()),
      disconnected: (reason) => void journal.push(reason),
      ended: () => void journal.push("ended"),
    },
  });
  return journal;
}

test("an answer that is no stream is a refusal at once, though its words never end", async () => {
  const url = await served((_, response) => {
    response.writeHead(503, { "retry-after": "7" });
    response.write("sorry, ");
  });
  await assert.rejects(openNdjson({ address: url, headers: {} }, AbortSignal.timeout(3000)), {
    status: 503,
    retryAfter: 7_000,
  });
});

test("a redirect is followed, though its words never end", async () => {
  const url = await served((request, response) => {
    if (request.url === "/new") return void response.end("hello");
    response.writeHead(301, { location: "/new" });
    response.write("it is ");
  });
  const { chunks } = await openNdjson({ address: url, headers: {} }, AbortSignal.timeout(3000));
  const texts: string[] = [];
  for await (const chunk of chunks) texts.push(chunk.toString());
  assert.deepEqual(texts, ["hello"]);
});

test("a Retry-After of years is waited for, not taken for none", async () => {
  let asked = 0;
  const url = await served((_, response) => {
    asked++;
    response.writeHead(429, { "retry-after": "99999999" }).end();
  });
  assert.deepEqual(await journalOf(url, { stall: 60, ms: 500 }), ["the server answered 429"]);
  assert.equal(asked, 1);
});

test("a stall of a month is one, not of a millisecond", async () => {
  const url = await served((_, response) => {
    response.write("a");
    setTimeout(() => response.write("b"), 200);
  });
  assert.deepEqual(await journalOf(url, { stall: 30 * 86_400, ms: 500 }), ["connected", "a", "b"]);
});
