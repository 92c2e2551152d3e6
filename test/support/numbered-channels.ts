import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebSocket } from "ws";
import type { Numbered, NumberedStream } from "./numbered-stream.ts";

/** Bytes on their way to one WebSocket above which sending waits. */
const BUFFERED_BYTES_MAX = 1 << 20;

/** How a source is spoken with: lines, Server-Sent Events or WebSocket. */
export type Speech = "ndjson" | "sse" | "ws";

/** Messages of a stream, from one place to before another. */
interface Range {
  readonly from: number;
  readonly end: number;
  /** Of those that are sent again, none of before this time, ms. */
  readonly since: number;
}

/** The messages of a range that were asked for, each with its place. */
function* messagesOf(stream: NumberedStream, { from, end, since }: Range): Generator<[Numbered, number]> {
  for (let place = from; place < end; place++) {
    const message = stream.at(place);
    if (message.t >= since) yield [message, place];
  }
}

/** One connection, as a stream of messages is written to it. */
export interface Channel {
  /** False when it is full. */
  send(stream: NumberedStream, range: Range): boolean;
  /** Calls when there is room again. */
  whenRoom(callback: () => void): void;
  whenGone(callback: () => void): void;
  /** Breaks the connection. */
  cut(): void;
}

/** The place in a stream that a request asks for, as it says it. */
export function placeIn(speech: Speech, { url = "/", headers }: IncomingMessage): string | undefined {
  if (speech === "sse") return headers["last-event-id"] as string | undefined;
  const query = new URL(url, "http://127.0.0.1").searchParams;
  return query.get(speech === "ws" ? "cursor" : "since_mtime") ?? undefined;
}

/** RSVPs as Meetup's, a line each. */
export function channelOfLines(response: ServerResponse): Channel {
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  return httpChannel(response, (message) => `${JSON.stringify(rsvp(message))}\n`);
}

/** Changes as Wikimedia's, an event each. */
export function channelOfEvents(response: ServerResponse): Channel {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  // A client that waits for a second between connections has hardly any left to be killed in.
  response.write("retry: 100\n\n");
  return httpChannel(response, (message, place) => {
    const id = JSON.stringify([{ topic: "numbered", partition: 0, offset: place }]);
    return `event: message\nid: ${id}\ndata: ${JSON.stringify(change(message))}\n\n`;
  });
}

function httpChannel(response: ServerResponse, shape: (message: Numbered, place: number) => string): Channel {
  response.on("error", () => {});
  return {
    send(stream, range) {
      let text = "";
      for (const [message, place] of messagesOf(stream, range)) text += shape(message, place);
      return response.write(text);
    },
    whenRoom: (callback) => void response.on("drain", callback),
    whenGone: (callback) => void response.on("close", callback),
    cut: () => void response.destroy(),
  };
}

/** Commits as Jetstream's, a text frame each. */
export function channelOfSocket(connection: WebSocket): Channel {
  let resume = () => {};
  let waiting = false;
  connection.on("error", () => {});
  const settled = () => {
    if (!waiting || connection.bufferedAmount > BUFFERED_BYTES_MAX) return;
    waiting = false;
    resume();
  };
  return {
    send(stream, range) {
      for (const [message] of messagesOf(stream, range))
        connection.send(JSON.stringify(commit(message)), { binary: false }, settled);
      waiting = connection.bufferedAmount > BUFFERED_BYTES_MAX;
      return !waiting;
    },
    whenRoom(callback) {
      resume = callback;
    },
    whenGone: (callback) => void connection.on("close", callback),
    cut: () => connection.terminate(),
  };
}

const rsvp = ({ number, t, key }: Numbered) => ({
  rsvp_id: number,
  mtime: t,
  response: "yes",
  event: { event_name: `Walk ${number}`, event_url: `https://www.example.com/events/${number}/` },
  group: { group_state: key.toLowerCase() },
});

const change = ({ number, t, key }: Numbered) => ({
  meta: { id: `change-${number}`, dt: new Date(t).toISOString(), domain: "example.org" },
  type: "edit",
  title: `Page ${number}`,
  wiki: key,
});

const commit = ({ number, t, key }: Numbered) => ({
  did: "did:plc:numbered",
  time_us: t * 1000,
  kind: "commit",
  commit: { rev: `r${number}`, operation: "create", collection: key, rkey: `k${number}` },
});
