import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { INSIDES } from "./hostile.ts";
import { appOf, assertSecure, handFed } from "./setting.ts";
import { type Door, opened, spoken } from "./sockets.ts";

const GET = "GET /probability?key=CA HTTP/1.1\r\nHost: localhost\r\n";
const POST = "POST /probability HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

async function running(options: Parameters<typeof appOf>[1] = {}): Promise<Door> {
  const { live, feed } = handFed();
  feed();
  return opened(await appOf(live, options));
}

/** The answers in what came on a connection, whose bodies have a Content-Length. */
function answersIn(text: string) {
  const answers: { status: number; headers: Record<string, string>; body: string }[] = [];
  for (let rest = text; rest !== ""; ) {
    const end = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(":")).toLowerCase(),
        line.slice(line.indexOf(":") + 2),
      ]),
    );
    const length = Number(headers["content-length"] ?? "0");
    const body = rest.slice(end + 4, end + 4 + length);
    answers.push({ status: Number(first.split(" ")[1]), headers, body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

/** One problem of this status, in form, is all that came. */
function assertRefused(text: string, status: number): void {
  const answers = answersIn(text);
  const [answer] = answers;
  assert.deepEqual([answers.length, answer?.status], [1, status], text);
  assertSecure(answer!.headers, text);
  assert.equal(answer!.headers["content-type"]?.split(";")[0], "application/problem+json");
  const document = JSON.parse(answer!.body) as { status: number; type: string; detail: string };
  assert.equal(document.status, status);
  assert.match(document.type, /^urn:rsvpulse:problem:/);
  assert.doesNotMatch(document.detail, INSIDES);
}

for (const [what, bytes, status] of [
  ["words that are no HTTP", "hello\r\n\r\n", 400],
  ["the greeting of TLS", Buffer.from("16030100c8010000c40303", "hex"), 400],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["zeros", Buffer.alloc(2000), 400],
  ["a version that there is not", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400],
  ["a space in the address", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
  ["a line break in a header", `${GET}X: a\rb\r\n\r\n`, 400],
  ["a header without a name", `${GET}: x\r\n\r\n`, 400],
  ["a method that there is not", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
  ["headers of 20 KiB", `${GET}X: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["an address of 20 KiB", `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  [
    "many small headers",
    `${GET}${Array.from({ length: 3000 }, (_, i) => `X-${i}: x\r\n`).join("")}\r\n`,
    431,
  ],
  ["no Host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 421],
  ["no Host in HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", 421],
  ["an empty Host", "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 421],
  [
    "a good host before a foreign one",
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: evil.com\r\nConnection: close\r\n\r\n",
    421,
  ],
  [
    "a foreign host before a good one",
    "GET /healthz HTTP/1.1\r\nHost: evil.com\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    421,
  ],
  ["two lengths", `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
  ["a negative length", `${POST}Content-Length: -2\r\n\r\n{}`, 400],
  ["a length that is no number", `${POST}Content-Length: 2x\r\n\r\n{}`, 400],
  [
    "a length and chunks, as smugglers send",
    `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["an encoding that is not chunked", `${POST}Transfer-Encoding: gzip\r\n\r\n{}`, 400],
  ["a disguised chunked", `${POST}Transfer-Encoding: xchunked\r\n\r\n{}`, 400],
  ["chunks of no size", `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 400],
  ["an endless chunk size", `${POST}Transfer-Encoding: chunked\r\n\r\n${"f".repeat(40)}\r\n`, 400],
  ["a length far too large", `${POST}Connection: close\r\nContent-Length: 99999999999\r\n\r\n`, 413],
] as const) {
  test(`${what} on the socket is refused with a problem, and the connection ends`, async () => {
    const door = await running();
    assertRefused(await door.speak(bytes), status);
    assert.equal(
      (await door.send({ method: "GET", path: "/healthz", headers: {} })).status,
      200,
      "it serves on",
    );
  });
}

test("a body of more than a mebibyte in chunks is refused while it comes", async () => {
  const door = await running();
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const text = await door.speak(
    `${POST}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}`,
  );
  assertRefused(text, 413);
});

test("requests that come all at once are answered in their order, each by itself", async () => {
  const door = await running();
  const one = (key: string) => `GET /probability?key=${key} HTTP/1.1\r\nHost: localhost\r\n`;
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  const answers = answersIn(
    await door.speak(
      `${keys.map((key) => `${one(key)}\r\n`).join("")}${one("last")}Connection: close\r\n\r\n`,
    ),
  );
  assert.deepEqual(
    answers.map(({ body }) => (JSON.parse(body) as { key: string }).key),
    [...keys, "last"],
  );
});

test("a request hidden in a body is a body, and is not answered", async () => {
  const door = await running();
  const hidden = "GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n";
  assertRefused(await door.speak(`${POST}Content-Length: ${hidden.length}\r\n\r\n${hidden}`), 400);
});

for (const header of [
  "Connection: Upgrade, close\r\nUpgrade: websocket",
  "Connection: close\r\nExpect: the-unexpected",
]) {
  test(`what cannot be done for a client is not done, and it is answered: ${JSON.stringify(header)}`, async () => {
    const door = await running();
    const [answer] = answersIn(await door.speak(`${GET}${header}\r\n\r\n`));
    assert.equal(answer!.status, 200);
    assertSecure(answer!.headers, header);
  });
}

const PATIENCE = { request: 400, head: 300, idle: 300, listener: 60_000 };

/** Node looks each 30 s at what takes too long, unless told. */
const soon = (begun: number) => assert.ok(performance.now() - begun < 10_000, "it is cut soon");

test("half a request and then silence is cut with 408; so is a body that does not come", async () => {
  const door = await running({ patience: PATIENCE });
  const begun = performance.now();
  assertRefused(await door.speak("GET /healthz HT"), 408);
  assertRefused(await door.speak(`${GET}X: y`), 408);
  assertRefused(await door.speak(`${POST}Content-Length: 20\r\n\r\n{"key":`), 408);
  soon(begun);
});

test("a head that comes a byte at a time is cut though it never falls silent", async () => {
  const door = await running({ patience: PATIENCE });
  const socket = door.open();
  const over = spoken(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
  const drip = setInterval(() => socket.write("X"), 20);
  const begun = performance.now();
  assertRefused(await over, 408);
  clearInterval(drip);
  soon(begun);
});

test("a connection that is kept and not used is closed", async () => {
  const door = await running({ patience: PATIENCE });
  const answers = answersIn(await door.speak(`${GET}\r\n`));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200],
  );
});

test("no bytes at all, whatever they are, end the server or tell of its insides", async () => {
  const door = await running({ patience: PATIENCE });
  const piece = fc.oneof(
    fc.constantFrom(
      GET,
      POST,
      "\r\n",
      "\r\n\r\n",
      "Host: localhost\r\n",
      "Content-Length: 5\r\n",
      "{}",
      "\u0000",
      "HTTP/1.1",
      " ",
      "Transfer-Encoding: chunked\r\n",
      "0\r\n\r\n",
      "Connection: close\r\n",
    ),
    fc.string({ unit: "binary-ascii", maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const socket = door.open();
      const over = spoken(socket, Buffer.from(pieces.join(""), "latin1"));
      socket.end();
      const text = await over;
      assert.doesNotMatch(text, INSIDES);
      assert.doesNotMatch(text, /HTTP\/1\.1 5/);
    }),
    { numRuns: 200 },
  );
  assert.equal((await door.send({ method: "GET", path: "/healthz", headers: {} })).status, 200);
});
