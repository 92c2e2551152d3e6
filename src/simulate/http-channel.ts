import type { ServerResponse } from "node:http";
import type { Channel } from "./listener.ts";

/** Newline-delimited JSON in chunks, without an end. */
export function httpChannel(response: ServerResponse): Channel {
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache" });
  response.flushHeaders();
  return {
    send: ({ bytes }) => response.write(bytes),
    whenRoom: (resume) => void response.on("drain", resume),
    keepAlive: () => void response.write("\n"),
    cut(nextLine) {
      if (nextLine !== undefined) response.write(nextLine.subarray(0, nextLine.length >> 1));
      // Node.js holds writes back until the end of the turn; destroyed at once, they would never leave.
      setImmediate(() => response.destroy());
    },
    end: () => void response.end(),
  };
}
