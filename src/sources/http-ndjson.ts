import type { Connection } from "./connection.ts";
import { openHttp, type StreamRequest } from "./http.ts";

const EVENTS = {
  type: "text/event-stream",
  reason: "it speaks Server-Sent Events: say so with --protocol sse",
} as const;

/** Opens an endless answer of lines over HTTP. @throws Refusal for any other status than 200, and for Server-Sent Events. */
export const openNdjson = ({ address, headers }: StreamRequest, signal: AbortSignal): Promise<Connection> =>
  openHttp({ address, headers: { accept: "application/json", ...headers } }, { signal, refuses: EVENTS });
