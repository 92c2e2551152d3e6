import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LINE_BYTES_MAX } from "../../src/core/lines.ts";
import { eventStream, type Told } from "../../src/sources/event-stream.ts";
import { wikimedia } from "../support/recording.ts";

/** What comes of a stream that arrives in these pieces. */
function heard(pieces: readonly (Buffer | string)[]) {
  const told: Told = { lastEventId: undefined, leastWait: 0 };
  const messages: [text: string, lastEventId: string | undefined][] = [];
  const tooLong: string[] = [];
  const stream = eventStream(
    {
      line: (buffer, start, end) => messages.push([buffer.toString("utf8", start, end), told.lastEventId]),
      tooLong: (head, number) => tooLong.push(`${number} ${head.toString("utf8", 0, 20)}`),
    },
    told,
  );
  for (const piece of pieces) stream.push(typeof piece === "string" ? Buffer.from(piece) : piece);
  stream.end();
  return { messages, tooLong, ...told };
}
const texts = (...pieces: (Buffer | string)[]) => heard(pieces).messages.map(([text]) => text);

test("data of several lines is one message, with spaces where the newlines were", () => {
  assert.deepEqual(texts('data: {"a":\ndata:1,\ndata: "b":2}\n\n'), ['{"a": 1, "b":2}']);
  assert.deepEqual(texts("data\ndata:x\n\n"), [" x"]);
});

test("the name of an event, comments, unknown fields and fields without a colon are passed over", () =>
  assert.deepEqual(texts(": hello\n\nevent: edit\ndata:1\nmine: 2\nnothing\n\n:\n\ndata:  3\n\n"), [
    "1",
    " 3",
  ]));

test("an event without data is none, and one that the end cuts off neither", () =>
  assert.deepEqual(texts("id: 1\nevent: x\n\ndata:\n\ndata: 2"), []));

test("lines end in LF, CR LF or CR, and a byte order mark begins them", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    assert.deepEqual(
      texts(`\ufeffdata: 1${end}${end}data: 2${end}${end}:${end}`),
      ["1", "2"],
      JSON.stringify(end),
    );
  }
});

test("an id lasts until another comes; an empty one is none, and one that no header can carry is passed over", () => {
  const { messages } = heard([
    'id: a\ndata:1\n\ndata:2\n\nid: ü[{"x":1}]\ndata:3\n\nid: \u0001\ndata:4\n\n',
    `id: ${"x".repeat(5000)}\ndata:5\n\nid\ndata:6\n\n`,
  ]);
  const ids = messages.map(([, id]) => id);
  assert.deepEqual(ids, ["a", "a", 'ü[{"x":1}]', 'ü[{"x":1}]', 'ü[{"x":1}]', undefined]);
});

test("retry is the least wait, at most a minute; what is no number is passed over", () => {
  assert.equal(heard(["retry: 1500\n\nretry: soon\n\n"]).leastWait, 1500);
  assert.equal(heard(["retry: 99999999999999999999\n\n"]).leastWait, 60_000);
});

test("bytes that are no UTF-8 come as they are", () => {
  const line = Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0x80, 0xff, 0x0a, 0x0a]);
  const got: Buffer[] = [];
  eventStream(
    { line: (b, start, end) => got.push(Buffer.from(b.subarray(start, end))), tooLong: () => {} },
    { lastEventId: undefined, leastWait: 0 },
  ).push(line);
  assert.deepEqual(got, [Buffer.from([0x80, 0xff])]);
});

const MEBIBYTE = "x".repeat(LINE_BYTES_MAX);
const inPieces = (text: string, size: number) =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));

/** Behind it a message is left out without being held any more. */
const LONG = "x".repeat(LINE_BYTES_MAX + (1 << 17));

test("a message of more than a mebibyte is told once, and left out to its end, however it comes", () => {
  for (const text of [`${MEBIBYTE}y`, LONG]) {
    for (const end of ["\n", "\r\n", "\r"]) {
      const long = ["data: 1", "", `data: ${text}`, "data: more", "id: 9", "", "data: 2", "", ":"].join(end);
      for (const size of [long.length, 65_536, 65_537, 700_001]) {
        const { messages, tooLong } = heard(inPieces(long, size));
        assert.deepEqual(
          messages.map(([text]) => text),
          ["1", "2"],
          `${JSON.stringify(end)} ${size}`,
        );
        assert.equal(tooLong.length, 1);
        assert.match(tooLong[0]!, /^2 \s*(data: )?xxxxx/);
      }
    }
  }
});

test("what is left out ends at the blank line, wherever it is cut on the way there", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const before = Buffer.from(`data: ${LONG}`);
    const after = Buffer.from(["", "data: more", "id: 9", "", "data: 2", "", ":", ""].join(end));
    for (let cut = 0; cut < after.length; cut++) {
      // The first piece makes it too long, so that leaving out begins at each place; or it has begun before.
      const whole = Buffer.concat([before, after.subarray(0, cut)]);
      for (const pieces of [[whole], [before, after.subarray(0, cut)]]) {
        const { messages, tooLong } = heard([...pieces, after.subarray(cut)]);
        const got = [messages.map(([text]) => text), tooLong.length];
        // With its end in one piece it is a message like others, and then too long.
        assert.deepEqual(got, [["2"], 1], `${JSON.stringify(end)} cut at ${cut}`);
      }
    }
  }
});

test("a message of just a mebibyte is one, however it comes", () => {
  const whole = `id: 1\ndata: ${MEBIBYTE}\n\n`;
  const pieces = [1 << 22, 65_536, 999].map((size) => inPieces(whole, size));
  pieces.push([whole.slice(0, -2), "\n\n"], [whole.slice(0, -1), "\n"]);
  for (const [i, list] of pieces.entries()) {
    const [text, ...rest] = texts(...list);
    assert.ok(text === MEBIBYTE && rest.length === 0, String(i));
  }
});

test("a line without end is told once and holds no memory", () => {
  const told: string[] = [];
  const stream = eventStream(
    { line: () => assert.fail("no message"), tooLong: (_, number) => told.push(String(number)) },
    { lastEventId: undefined, leastWait: 0 },
  );
  const piece = Buffer.from("x".repeat(1 << 16));
  stream.push(Buffer.from("data: "));
  for (let i = 0; i < 64; i++) stream.push(piece);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 2000; i++) stream.push(piece);
  assert.deepEqual(told, ["1"]);
  assert.ok(process.memoryUsage().heapUsed - before < 32 << 20, "less than a quarter of what came is held");
});

/** Lines of a stream as a server may write them, with what is to be heard of them. */
const events = fc.array(
  fc.record({
    data: fc.array(
      fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => text.replace(/[\r\n]/g, "~")),
      {
        maxLength: 3,
      },
    ),
    id: fc.option(fc.stringMatching(/^[a-zé]{0,3}$/), { nil: undefined }),
    comment: fc.boolean(),
    end: fc.constantFrom("\n", "\r\n", "\r"),
  }),
  { maxLength: 5 },
);

test("whatever is sent, and wherever it is cut in two, is heard alike", () =>
  fc.assert(
    fc.property(events, fc.boolean(), (sent, bom) => {
      let id: string | undefined;
      const wanted: [string, string | undefined][] = [];
      const text = sent.map(({ data, id: own, comment, end }) => {
        // The id of an event without data is not looked at.
        if (own !== undefined && data.length > 0) id = own === "" ? undefined : own;
        const line = data.join(" ");
        if (line !== "") wanted.push([line, id]);
        const lines = [
          ...(comment ? [": still here"] : []),
          ...(own === undefined ? [] : [`id: ${own}`]),
          ...data.map((part) => `data: ${part}`),
        ];
        return [...lines, "", ""].join(end);
      });
      // A line behind it, for the parser waits to see whether an LF follows a last CR.
      const bytes = Buffer.from(`${bom ? "\ufeff" : ""}${text.join("")}:\n`);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const { messages } = heard([bytes.subarray(0, cut), bytes.subarray(cut)]);
        assert.deepEqual(messages, wanted, `cut at ${cut}`);
      }
      assert.deepEqual(heard([...bytes].map((byte) => Buffer.from([byte]))).messages, wanted, "byte by byte");
    }),
    { numRuns: 60 },
  ));

test("recorded changes are the same byte by byte, and cut in two at every byte", wikimedia.options, () => {
  const lines = wikimedia.lines();
  const bytes = Buffer.from(lines.map((line, i) => `event: message\nid: ${i}\ndata: ${line}\n\n`).join(""));
  assert.deepEqual(texts(...[...bytes].map((byte) => Buffer.from([byte]))), lines);
  const few = bytes.subarray(0, bytes.indexOf("id: 4"));
  for (let cut = 0; cut <= few.length; cut++) {
    assert.deepEqual(texts(few.subarray(0, cut), few.subarray(cut)), lines.slice(0, 4), `cut at ${cut}`);
  }
});
