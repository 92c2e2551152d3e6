import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { type Source, sourceNamed } from "../../src/sources/catalogue.ts";
import { openWebSocket } from "../../src/sources/web-socket.ts";
import { followed } from "../support/followed.ts";
import { httpServer } from "../support/http-server.ts";
import { bluesky } from "../support/recording.ts";
import { until } from "../support/until.ts";

const source = (url: string): Source => ({ ...sourceNamed("bluesky-jetstream")!, url });

/** A server of WebSockets until the tests are done. */
async function socketServer(
  connected: (socket: WebSocket, request: IncomingMessage) => void,
  options: { readonly perMessageDeflate?: boolean } = {},
) {
  const { server, url } = await httpServer();
  const sockets = new WebSocketServer({ noServer: true, ...options });
  server.on("upgrade", (request, socket: Socket, head) =>
    sockets.handleUpgrade(request, socket, head, (connection) => {
      connection.on("error", () => {});
      connected(connection, request);
    }),
  );
  return { url: url.replace("http", "ws"), server, sockets };
}

/** The socket beneath a WebSocket, to write bytes of one's own. */
const beneath = (socket: WebSocket) => (socket as unknown as { readonly _socket: Socket })._socket;

/** One frame of a server, unmasked (RFC 6455, section 5.2). */
function frame(payload: string | Buffer, { opcode = 1, fin = true } = {}): Buffer {
  const body = Buffer.from(payload);
  const size = body.length < 126 ? [body.length] : [126, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode, ...size]), body]);
}

/** What comes of a connection, as text, and how it ended. */
async function heard(url: string): Promise<{ lines: string[]; error: unknown; empty: number }> {
  const { chunks } = await openWebSocket({ address: url, headers: {} }, AbortSignal.timeout(20_000));
  let text = "";
  let empty = 0;
  try {
    for await (const chunk of chunks) {
      text += chunk.toString();
      if (chunk.length === 0) empty++;
    }
  } catch (error) {
    return { lines: text.split("\n").slice(0, -1), error, empty };
  }
  return { lines: text.split("\n").slice(0, -1), error: undefined, empty };
}

test("messages are lines: fragmented, binary, compressed, with newlines in them, several in one packet", async () => {
  const { url } = await socketServer((socket) => {
    beneath(socket).write(
      Buffer.concat([
        frame('{"a":', { fin: false }),
        frame("", { opcode: 9 }),
        frame("1", { opcode: 0, fin: false }),
        frame("}", { opcode: 0 }),
        frame(Buffer.from('{"ü":2}'), { opcode: 2 }),
        frame('{\n"b":\r\n3}'),
        frame(Buffer.from([0x80])),
      ]),
    );
    socket.close(1000);
  });
  const { lines, error } = await heard(url);
  assert.deepEqual(lines, ['{"a":1}', '{"ü":2}', '{ "b":\r 3}', "\ufffd"]);
  assert.equal(error, undefined);
  const { url: deflating } = await socketServer(
    (socket) => {
      assert.match(socket.extensions, /permessage-deflate/);
      socket.send("x".repeat(5000));
      socket.close(1001);
    },
    { perMessageDeflate: true },
  );
  assert.deepEqual((await heard(deflating)).lines, ["x".repeat(5000)]);
});

test("a ping is answered, and is a sign of life", async () => {
  let pong: string | undefined;
  const { url } = await socketServer((socket) => {
    socket.on("pong", (data) => {
      pong = data.toString();
      socket.close(1000);
    });
    socket.ping("you there?");
  });
  const { empty } = await heard(url);
  assert.deepEqual([pong, empty], ["you there?", 1]);
});

test("close codes are told in words; a line that breaks and a faulty frame are too", async () => {
  const ends: [(socket: WebSocket) => void, RegExp | undefined][] = [
    [(socket) => socket.close(1000), undefined],
    [(socket) => socket.close(1001, "bye"), undefined],
    [(socket) => socket.close(), undefined],
    [(socket) => socket.close(1008, "no token"), /refused us: against its policy \(1008: no token\)/],
    [(socket) => socket.close(4001, "slow"), /refused us \(4001: slow\)/],
    [(socket) => socket.close(1012), /restarting \(1012\)/],
    [(socket) => socket.terminate(), /broke off \(1006\)/],
    [(socket) => void beneath(socket).write(Buffer.from([0xf1, 0x00])), /RSV2 and RSV3 must be clear/],
    [(socket) => socket.send(Buffer.alloc((16 << 20) + 1)), /Max payload size exceeded/],
  ];
  for (const [end, words] of ends) {
    const { url } = await socketServer((socket) => {
      socket.send("1");
      end(socket);
    });
    const { lines, error } = await heard(url);
    assert.deepEqual(lines, ["1"]);
    if (words === undefined) assert.equal(error, undefined);
    else assert.match(String(error), words);
  }
});

test("a handshake that is refused is told with its status and Retry-After; a redirect is followed", async () => {
  const { server, url } = await socketServer((socket) => socket.close(1000));
  const accept = server.listeners("upgrade")[0] as (request: IncomingMessage, ...rest: unknown[]) => void;
  server.removeAllListeners("upgrade");
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.url === "/new") return accept(request, socket, head);
    const answer = request.url === "/old" ? "302 Found\r\nlocation: /new" : "429 Slow\r\nretry-after: 7";
    // Its words never end.
    socket.write(`HTTP/1.1 ${answer}\r\ncontent-length: 99\r\n\r\nsorry`);
  });
  const open = (path: string) =>
    openWebSocket({ address: url + path, headers: {} }, AbortSignal.timeout(10_000));
  await assert.rejects(open("/busy"), { status: 429, retryAfter: 7000 });
  const { chunks } = await open("/old");
  for await (const _ of chunks) assert.fail("nothing was sent");
});

test("403 lets nobody in; 503 and 429 are waited for, and then it is connected", async () => {
  const { server, url } = await socketServer((socket) => socket.send(`{"time_us":${Date.now() * 1000}}`));
  const accept = server.listeners("upgrade")[0] as (request: IncomingMessage, ...rest: unknown[]) => void;
  server.removeAllListeners("upgrade");
  const asked: number[] = [];
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.url === "/403") return void socket.end("HTTP/1.1 403 No\r\n\r\n");
    asked.push(performance.now());
    if (asked.length > 2) return accept(request, socket, head);
    socket.end(`HTTP/1.1 ${asked.length === 1 ? "503 No" : "429 No\r\nretry-after: 1"}\r\n\r\n`);
  });
  assert.match(String(await followed(source(`${url}/403`)).ended), /answered 403: it does not let us in/);
  const { tally, stop } = followed(source(url));
  await until("a message has come", () => tally.count("events") === 1);
  await stop();
  assert.ok(asked[2]! - asked[1]! >= 990, "Retry-After is waited for");
});

test("a connection on which nothing comes is given up, and made anew", async () => {
  let connections = 0;
  const { url } = await socketServer(() => void connections++);
  const { told, stop } = followed(source(url), { stall: 0.2 });
  await until("it connects anew", () => connections > 1);
  await stop();
  assert.ok(told.some(({ message }) => message.startsWith("nothing came for 0.2 s")));
});

test("a server that answers nothing at all is left when we stop", async () => {
  const { server, url } = await httpServer();
  server.on("upgrade", () => {});
  const stop = new AbortController();
  const opening = openWebSocket({ address: url, headers: {} }, stop.signal);
  setImmediate(() => stop.abort());
  await assert.rejects(opening);
});

test("while our reader is slow the socket is paused; then it goes on with nothing lost", async () => {
  const now = Date.now();
  const message = (i: number) => JSON.stringify({ time_us: now * 1000 + i, text: "x".repeat(2000) });
  const count = 12_000;
  let sent = 0;
  let connections = 0;
  const { url } = await socketServer((socket) => {
    connections++;
    // Sends as long as there is room on the way.
    const more = () => {
      while (sent < count && socket.bufferedAmount < 1 << 20) socket.send(message(sent++));
      if (sent < count) setImmediate(more);
    };
    more();
  });
  const { events, tally, block, stop } = followed(source(url));
  await until("some have come", () => tally.count("events") > 0);
  const release = block();
  let [before, looks] = [-1, 0];
  await until("nothing moves any more", () => {
    looks = sent === before ? looks + 1 : 0;
    before = sent;
    return looks === 20;
  });
  assert.ok(sent < count, "the server is held back");
  release();
  await until("all have come", () => tally.count("events") === count);
  await stop();
  assert.deepEqual([connections, events().length], [1, count]);
});

test(
  "Bluesky's recording gives its commits by collection, and no fault on other kinds",
  bluesky.options,
  async () => {
    const lines = bluesky.lines();
    const { url } = await socketServer((socket) => {
      for (const line of lines) socket.send(line);
    });
    const { events, tally, stop } = followed(source(url));
    await until("all have come", () => tally.read === lines.length);
    await stop();
    const keys = new Map<string | null, number>();
    for (const { key } of events()) keys.set(key, (keys.get(key) ?? 0) + 1);
    assert.deepEqual(Object.fromEntries([...keys].sort(([, a], [, b]) => b - a).slice(0, 4)), {
      "app.bsky.feed.like": 105,
      "app.bsky.feed.post": 18,
      "app.bsky.feed.repost": 15,
      "app.bsky.graph.follow": 9,
    });
    assert.equal(keys.get(null), 2, "one identity, one account");
    assert.deepEqual([tally.count("events"), tally.count("bad")], [lines.length, 0]);
    assert.ok(events().every(({ key, id }) => (key === null) === (id === null)));
    const [first] = events();
    assert.deepEqual([first!.t, first!.cursor], [1783175888085.434, 1783175888085434]);
  },
);

test(
  "cut at many bytes of its frames, it resumes by a cursor a few seconds back, and gives each message once",
  bluesky.options,
  async () => {
    const messages = bluesky.lines();
    const timeOf = (line: string): number => JSON.parse(line).time_us;
    const cursors: number[] = [];
    const { url } = await socketServer((socket, request) => {
      const cursor = new URL(request.url!, "http://x").searchParams.get("cursor");
      cursors.push(Number(cursor));
      const kept = messages.filter((line) => cursor === null || timeOf(line) >= Number(cursor));
      const bytes = Buffer.concat(kept.map((line) => frame(line)));
      const cut = cursors.length * 2003;
      if (cut >= bytes.length) return void beneath(socket).write(bytes);
      beneath(socket).write(bytes.subarray(0, cut), () => setImmediate(() => beneath(socket).destroy()));
    });
    const { events, tally, stop } = followed(source(url));
    await until("all have come", () => tally.count("events") >= messages.length);
    await stop();
    assert.deepEqual(
      events().map(({ event }) => event),
      messages.map((line) => JSON.parse(line)),
    );
    assert.ok(cursors.length > 30, `${cursors.length} connections`);
    // The recording is shorter than the overlap: not before its first message.
    assert.ok(
      cursors.slice(2).every((cursor) => cursor >= 1783175888085000 && cursor <= timeOf(messages[0]!)),
    );
    assert.equal(tally.read, messages.length + tally.count("repeats"));
  },
);

test("a message over a mebibyte is bad and counted, and the connection lives", async () => {
  let connections = 0;
  const now = Date.now() * 1000;
  const { url } = await socketServer((socket) => {
    connections++;
    socket.send(`{"time_us":${now},"text":"${"x".repeat(3 << 20)}"}`);
    socket.send(`{"time_us":${now}}`);
    socket.send("not JSON");
  });
  const { tally, stop } = followed(source(url));
  await until("three have come", () => tally.read === 3);
  await stop();
  assert.deepEqual([connections, tally.count("events"), tally.count("bad")], [1, 1, 2]);
});

test("a server that goes away and comes back is connected to again", async () => {
  const { url, server, sockets } = await socketServer((socket) =>
    socket.send(`{"time_us":${Date.now() * 1000}}`),
  );
  const { tally, told, ticks, stop } = followed(source(url), { random: () => 0.1 });
  await until("a message has come", () => tally.count("events") === 1);
  const port = Number(new URL(url).port);
  await new Promise((resolve) => {
    server.close(resolve);
    for (const socket of sockets.clients) socket.terminate();
  });
  await until("it is told", () => told.some(({ message }) => /next try in/.test(message)));
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  await until("it is connected again", () =>
    told.some(({ message }) => message.startsWith("connected again")),
  );
  await until("a message has come", () => tally.count("events") === 2);
  await stop();
  assert.ok(ticks().some(({ connected }) => !connected) && ticks().some(({ connected }) => connected));
});
