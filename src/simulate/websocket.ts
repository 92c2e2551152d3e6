import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Channel } from "./listener.ts";

/** Bytes on their way to one WebSocket above which sending waits. */
const BUFFERED_BYTES_MAX = 1 << 20;
/** A listener has nothing to say; more than this in one message is a mistake, bytes. */
const HEARD_BYTES_MAX = 64 * 1024;
/** RFC 6455, section 7.4.1: an endpoint is going away. */
const GOING_AWAY = 1001;

export type Upgrade = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  accept: (channel: Channel, whenGone: (leave: () => void) => void) => void,
) => void;

/** Makes the handshakes of WebSockets (RFC 6455). Loads the library. */
export async function webSocketUpgrade(): Promise<Upgrade> {
  const { WebSocketServer } = await import("ws");
  const server = new WebSocketServer({ noServer: true, maxPayload: HEARD_BYTES_MAX });
  return (request, socket, head, accept) =>
    server.handleUpgrade(request, socket, head, (connection) => {
      // A broken frame or a connection reset is followed by `close`.
      connection.on("error", () => {});
      accept(webSocketChannel(connection), (leave) => connection.on("close", leave));
    });
}

/** A message in each text frame, without its newline. */
function webSocketChannel(connection: WebSocket): Channel {
  let resume = () => {};
  let waiting = false;
  const settled = () => {
    if (!waiting || connection.bufferedAmount > BUFFERED_BYTES_MAX) return;
    waiting = false;
    resume();
  };
  return {
    send(bytes, ends) {
      let start = 0;
      for (const end of ends) {
        connection.send(bytes.subarray(start, end - 1), { binary: false }, settled);
        start = end;
      }
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
