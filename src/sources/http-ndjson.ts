import type { Connection } from "./connection.ts";
import { openHttp, type StreamRequest } from "./http.ts";

/** Opens an endless answer of lines over HTTP. @throws Refusal for any other status than 200. */
export const openNdjson = ({ address, headers }: StreamRequest, signal: AbortSignal): Promise<Connection> =>
  openHttp({ address, headers: { accept: "application/json", ...headers } }, { signal });
