import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { eachLine, type Shape } from "./dialects.ts";
import type { Channel } from "./listener.ts";

/** Bytes on their way to one WebSocket above which sending waits. */
const BUFFERED_BYTES_MAX = 1 << 20;
/** A listener has nothing to say; more than this in one message is a mistake, bytes. */
const HEARD_BYTES_MAX = 64 * 1024;
/** RFC 6455, section 7.4.1: an endpoint is going away. */
const GOING_AWAY = 1001;

/** A request that wants to become a WebSocket, and how its messages are to look. */
export interface Knock {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly shape: Shape | undefined;
}

export type Upgrade = (
  knock: Knock,
  accept: (channel: Channel, whenGone: (leave: () => void) => void) => void,
) => void;

/** Makes the handshakes of WebSockets (RFC 6455). Loads the library. */
export async function webSocketUpgrade(): Promise<Upgrade> {
  const { WebSocketServer } = await import("ws");
  const server = new WebSocketServer({ noServer: true, maxPayload: HEARD_BYTES_MAX });
  return ({ request, socket, head, shape }, accept) =>
    server.handleUpgrade(request, socket, head, (connection) => {
      // A broken frame or a connection reset is followed by `close`.
      connection.on("error", () => {});
      accept(webSocketChannel(connection, shape), (leave) => connection.on("close", leave));
    });
}

/** A message in each text frame, without its newline. */
function webSocketChannel(connection: WebSocket, shape: Shape | undefined): Channel {
  let resume = () => {};
  let waiting = false;
  const settled = () => {
    if (!waiting || connection.bufferedAmount > BUFFERED_BYTES_MAX) return;
    waiting = false;
    resume();
  };
  return {
    send(lines) {
      eachLine(lines, shape, (line) => connection.send(line, { binary: false }, settled));
      waiting = connection.bufferedAmount > BUFFERED_BYTES_MAX;
      return !waiting;
    },
    whenRoom(callback) {
      resume = callback;
    },
    keepAlive: () => connection.ping(),
    cut: () => connection.terminate(),
    end: () => connection.close(GOING_AWAY, "the stream has ended"),
  };
}
