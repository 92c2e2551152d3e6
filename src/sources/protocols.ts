import { type LineHandler, type LineSplitter, lineSplitter } from "../core/lines.ts";
import type { Protocol } from "./catalogue.ts";
import type { Connection } from "./connection.ts";
import { eventStream, type Told } from "./event-stream.ts";
import type { StreamRequest } from "./http.ts";
import { openNdjson } from "./http-ndjson.ts";
import { openEventStream } from "./http-sse.ts";
import { openWebSocket } from "./web-socket.ts";

/** How a protocol is spoken. */
interface Speech {
  open(request: StreamRequest, signal: AbortSignal): Promise<Connection>;
  /** Cuts the chunks of one connection into messages. What the source tells besides goes into `told`. */
  messages(handler: LineHandler, told: Told): LineSplitter;
}

export const SPEECH: Readonly<Record<Protocol, Speech>> = {
  ndjson: { open: openNdjson, messages: lineSplitter },
  sse: { open: openEventStream, messages: eventStream },
  ws: { open: openWebSocket, messages: lineSplitter },
};
