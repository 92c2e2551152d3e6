import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { after } from "node:test";
import { WebSocketServer } from "ws";
import {
  type Channel,
  channelOfEvents,
  channelOfLines,
  channelOfSocket,
  placeIn,
  type Speech,
} from "./numbered-channels.ts";
import { type NumberedOptions, NumberedStream } from "./numbered-stream.ts";

/** Messages that are sent in one piece. */
const PIECE = 500;
/** How often what is due is made, ms. */
const TURN_MS = 20;
/** Messages that were there before anybody came, and how long before that, ms. */
const [PAST, PAST_MS] = [100, 20_000];

export interface NumberedSourceOptions extends NumberedOptions {
  /** Messages a second from the first connection on; 0: none but those made by hand. */
  readonly rate: number;
  /** By WebSocket what is of the cursor's own time does not come again. */
  readonly afterCursor?: boolean;
}

/** A connection that was made. */
export interface Served {
  /** The place that was asked for; undefined for what is live only. */
  readonly asked: string | undefined;
  /** The message that was to be the first. */
  readonly from: number;
}

/** A server of a numbered stream on this machine until the tests are done. */
export interface NumberedSource {
  readonly stream: NumberedStream;
  readonly url: Readonly<Record<Speech, string>>;
  /** Each connection that was made, the earliest first. */
  readonly served: readonly Served[];
  /** The message that comes next on the slowest connection; undefined without one. */
  readonly sent: () => number | undefined;
  /** Sends what was made by hand. */
  flush(): void;
  /** Makes no more messages. */
  stopMaking(): void;
  /** All connections break. */
  cut(): void;
  /** Breaks all connections and listens no more. */
  close(): Promise<void>;
  /** Listens again where it did. */
  open(): Promise<void>;
}

/**
 * Serves a numbered stream in three ways: lines in chunks with `since_mtime` (Meetup's), Server-Sent Events with
 * `Last-Event-ID` (Wikimedia's), a WebSocket with `cursor` (Jetstream's). Who names no place gets what is live.
 *
 * A slow reader is waited for; what it is slower than the source's memory is long it does not get.
 */
export async function numberedSource(options: NumberedSourceOptions): Promise<NumberedSource> {
  const stream = new NumberedStream(options);
  for (let i = 0; i < PAST && options.rate > 0; i++) stream.make(Date.now() - PAST_MS);
  stream.begin();
  const served: Served[] = [];
  const listeners = new Set<Listener>();

  /** Sends what a listener has not got, as far as there is room. */
  function pump(listener: Listener): void {
    while (listener.hasRoom && listener.next < stream.made) {
      const from = Math.max(listener.next, stream.oldest);
      const isAgain = from < listener.again;
      const end = Math.min(isAgain ? listener.again : stream.made, from + PIECE);
      const since = isAgain ? listener.since : Number.NEGATIVE_INFINITY;
      listener.next = end;
      listener.hasRoom = listener.channel.send(stream, { from, end, since });
    }
  }
  function listen(channel: Channel, asked: string | undefined, { from, since }: Beginning): void {
    const listener: Listener = { channel, next: from, hasRoom: true, since, again: stream.made };
    served.push({ asked, from });
    maker.begin();
    listeners.add(listener);
    channel.whenRoom(() => {
      listener.hasRoom = true;
      pump(listener);
    });
    channel.whenGone(() => listeners.delete(listener));
    pump(listener);
  }
  const flush = () => {
    for (const listener of listeners) pump(listener);
  };
  const cut = () => {
    for (const { channel } of listeners) channel.cut();
  };
  const maker = making(stream, options.rate, flush);
  const door = await frontDoor((speech, request, open) => {
    const asked = placeIn(speech, request);
    const { from, since } = beginningAsked(stream, { speech, asked, ...options });
    listen(open(), asked, { from: Math.max(from, stream.oldest), since });
  });
  after(async () => {
    maker.stop();
    cut();
    await door.close();
  });
  return {
    ...{ stream, served, flush, cut, open: door.open, stopMaking: maker.stop },
    url: {
      ndjson: `http://${door.host}/2/rsvps`,
      sse: `http://${door.host}/v2/stream/recentchange`,
      ws: `ws://${door.host}/subscribe`,
    },
    sent: () => (listeners.size === 0 ? undefined : Math.min(...[...listeners].map(({ next }) => next))),
    async close() {
      cut();
      await door.close();
    },
  };
}

interface Listener {
  readonly channel: Channel;
  /** The message that it has to be sent next. */
  next: number;
  hasRoom: boolean;
  /** What was made before the message with this number it gets of this time on, ms, and what comes after that in full. */
  readonly again: number;
  readonly since: number;
}

/** Makes messages as the clock goes, once it has begun. */
function making(stream: NumberedStream, rate: number, made: () => void) {
  let timer: NodeJS.Timeout | undefined;
  let isOver = rate === 0;
  return {
    begin() {
      if (timer !== undefined || isOver) return;
      const begun = performance.now();
      const before = stream.made;
      timer = setInterval(() => {
        const due = before + Math.floor(((performance.now() - begun) / 1000) * rate);
        if (stream.made >= due) return;
        const now = Date.now();
        while (stream.made < due) stream.make(now);
        made();
      }, TURN_MS);
    },
    stop() {
      isOver = true;
      clearInterval(timer);
    },
  };
}

interface Asked {
  readonly speech: Speech;
  readonly asked: string | undefined;
  readonly afterCursor?: boolean;
}

/** The first message that is sent again, and the least time of one, ms. */
interface Beginning {
  readonly from: number;
  readonly since: number;
}

function beginningAsked(stream: NumberedStream, { speech, asked, afterCursor = false }: Asked): Beginning {
  if (asked === undefined) return { from: stream.made, since: Number.NEGATIVE_INFINITY };
  if (speech === "sse") {
    const [{ offset }] = JSON.parse(asked) as [{ offset: number }];
    return { from: offset + 1, since: Number.NEGATIVE_INFINITY };
  }
  // Times are whole milliseconds, a cursor is in microseconds.
  const since = speech === "ws" ? (Number(asked) + (afterCursor ? 1 : 0)) / 1000 : Number(asked);
  return { from: stream.placeOf(since), since };
}

type Visit = (speech: Speech, request: IncomingMessage, open: () => Channel) => void;

/** An HTTP server that can be closed, and opened again at the same address. */
async function frontDoor(visit: Visit) {
  let port = 0;
  let close = async () => {};
  async function open(): Promise<void> {
    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
      if (request.url?.startsWith("/v2/") === true) visit("sse", request, () => channelOfEvents(response));
      else visit("ndjson", request, () => channelOfLines(response));
    });
    const sockets = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, socket: Socket, head) =>
      sockets.handleUpgrade(request, socket, head, (connection) =>
        visit("ws", request, () => channelOfSocket(connection)),
      ),
    );
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
    close = () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    };
  }
  await open();
  return { host: `127.0.0.1:${port}`, open, close: () => close() };
}
