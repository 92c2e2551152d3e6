import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { RawData, WebSocket } from "ws";
import { waitAsked } from "../core/retry-after.ts";
import { closeWords } from "./close-words.ts";
import { type Connection, Refusal } from "./connection.ts";
import type { StreamRequest } from "./http.ts";

const REDIRECTS_MAX = 5;
/**
 * A larger message breaks the connection, bytes. Much larger than the longest line: one that is too long is to be told,
 * counted and left behind, and not to be met again after each resumption.
 */
const PAYLOAD_BYTES_MAX = 16 << 20;
/** Messages that wait for our reader, above which the socket is paused, bytes. */
const WAITING_BYTES_MAX = 1 << 20;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const NEWLINE_BYTES = Buffer.from("\n");
/** Stands for a sign of life that is no message. */
const NOTHING = Buffer.alloc(0);

/**
 * Opens a WebSocket (RFC 6455). What comes in one turn is one chunk: a line for each message, text or binary, in which
 * newlines are spaces (JSON allows it). A ping is answered, and an empty chunk.
 *
 * Redirects are followed. Holds a mebibyte of messages for a slow reader, then pauses the socket. @throws Refusal for a
 * handshake that is answered in any other way; Error, in words, when it is closed in another way than an orderly one.
 */
export async function openWebSocket(
  { address, headers }: StreamRequest,
  signal: AbortSignal,
): Promise<Connection> {
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(address, {
    headers,
    followRedirects: true,
    maxRedirects: REDIRECTS_MAX,
    maxPayload: PAYLOAD_BYTES_MAX,
    // The reader of messages judges them, one by one: a bad one is no reason to hang up.
    skipUTF8Validation: true,
  });
  const inbox = inboxOf(socket);
  const refused = new Promise<never>((_, reject) =>
    socket.on("unexpected-response", (request, response: IncomingMessage) => {
      const { statusCode = 0, headers: answered } = response;
      reject(new Refusal(statusCode, waitAsked(answered["retry-after"], Date.now())));
      request.destroy();
    }),
  );
  // It may come when nobody waits for it any more.
  refused.catch(() => {});
  const hangUp = () => socket.terminate();
  signal.addEventListener("abort", hangUp);
  socket.on("close", () => signal.removeEventListener("abort", hangUp));
  try {
    signal.throwIfAborted();
    await Promise.race([once(socket, "open"), refused]);
  } catch (error) {
    socket.terminate();
    throw error;
  }
  return { chunks: inbox };
}

/** Gathers what a socket receives, from now on. */
function inboxOf(socket: WebSocket): AsyncIterable<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let alive = false;
  let over: (() => void) | undefined;
  let wake = () => {};

  socket.on("message", (data) => {
    const message = lineOf(data);
    waiting.push(message, NEWLINE_BYTES);
    bytes += message.length + 1;
    if (bytes > WAITING_BYTES_MAX) socket.pause();
    wake();
  });
  socket.on("ping", () => {
    alive = true;
    wake();
  });
  let failure: Error | undefined;
  // `close` follows, and says no more than 1006 of what went wrong on our side.
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", (code, reason) => {
    over = () => {
      if (failure !== undefined) throw failure;
      const { words, orderly } = closeWords(code, reason.toString("utf8"));
      if (!orderly) throw new Error(words);
    };
    wake();
  });

  async function* chunks(): AsyncIterable<Buffer> {
    try {
      for (;;) {
        if (waiting.length > 0) {
          const chunk = Buffer.concat(waiting);
          waiting = [];
          bytes = 0;
          alive = false;
          if (socket.isPaused) socket.resume();
          yield chunk;
        } else if (over !== undefined) return over();
        else if (alive) {
          alive = false;
          yield NOTHING;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      socket.terminate();
    }
  }
  return chunks();
}

/** The bytes of a message as a line without its newline. */
function lineOf(data: RawData): Buffer {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) bytes[i] = SPACE;
  return bytes;
}
