import type { ServerResponse } from "node:http";
import { eachLine, type Shape } from "./dialects.ts";
import type { Channel } from "./listener.ts";

/** How long a client is to wait before it connects anew, ms. */
const RETRY_MS = 1000;

/** Names a message so that a client can go on behind it: by its number in a stream that began at `start`. */
export const eventId = ({ start, number }: { start: number; number: number }): string =>
  JSON.stringify([{ topic: "simulate", partition: 0, offset: number, start }]);

/** The number in an id of the stream that began at `start`; undefined for any other. */
export function numberIn(id: string, start: number): number | undefined {
  try {
    const [place] = JSON.parse(id) as [{ offset?: unknown; start?: unknown }];
    const { offset } = place;
    return place.start === start && Number.isSafeInteger(offset) ? (offset as number) : undefined;
  } catch {
    return undefined;
  }
}

/** Server-Sent Events. Broken lines have no id, so they are not taken for a place to go on from. */
export function eventChannel(
  response: ServerResponse,
  { start, shape }: { readonly start: number; readonly shape: Shape | undefined },
): Channel {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  return {
    send(lines) {
      const parts: (Buffer | string)[] = [];
      eachLine(lines, shape, (line, number) => {
        const id = number === undefined ? "" : `id: ${eventId({ start, number })}\n`;
        parts.push(`event: message\n${id}data: `, line, "\n\n");
      });
      return response.write(
        Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part))),
      );
    },
    whenRoom: (resume) => void response.on("drain", resume),
    keepAlive: () => void response.write(": quiet\n\n"),
    cut(nextLine) {
      if (nextLine !== undefined) {
        response.write("event: message\ndata: ");
        response.write(nextLine.subarray(0, nextLine.length >> 1));
      }
      // Node.js holds writes back until the end of the turn; destroyed at once, they would never leave.
      setImmediate(() => response.destroy());
    },
    end: () => void response.end(),
  };
}
