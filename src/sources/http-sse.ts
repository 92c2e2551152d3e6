import type { Connection } from "./connection.ts";
import { openHttp, type StreamRequest } from "./http.ts";

const EVENT_STREAM = "text/event-stream";

/** Opens a stream of Server-Sent Events. @throws Refusal for any other status than 200, and for any other type. */
export const openEventStream = (
  { address, headers }: StreamRequest,
  signal: AbortSignal,
): Promise<Connection> =>
  openHttp(
    { address, headers: { accept: EVENT_STREAM, "cache-control": "no-cache", ...headers } },
    { signal, contentType: EVENT_STREAM },
  );
