import type { FastifyInstance, FastifyReply } from "fastify";
import { messageOf } from "../event-hub.ts";
import type { LiveStream } from "../live-stream.ts";
import { query } from "../parameters.ts";
import { ApiProblem } from "../problems.ts";
import { textAnswers } from "../schemas.ts";

/** Connections that may listen at once. */
const LISTENERS_MAX = 200;
/** A listener comes back so long after its connection broke, ms. */
const RETRY_MS = 1000;
/** Longest Last-Event-ID that is looked up, characters. */
const ID_CHARS_MAX = 100;

/**
 * `/events`: Server-Sent Events of stats, alerts and more, for as long as the connection lasts.
 * @param patience a connection that takes nothing for so long is cut, ms: it would keep its place from others.
 */
export function eventRoutes(app: FastifyInstance, live: LiveStream, patience: number): void {
  /** Ends every connection, so that the server can close. */
  const open = new Set<() => void>();
  app.addHook("preClose", (done) => {
    for (const end of open) end();
    done();
  });

  const summary = "Server-Sent Events: stats, alert (both with an id), shares, usual, health, skipped";
  app.get(
    "/events",
    { schema: { summary, querystring: query([]), ...textAnswers(summary, "text/event-stream") } },
    (request, reply) => {
      if (live.hub.size >= LISTENERS_MAX) {
        throw new ApiProblem("too-many-listeners", `${LISTENERS_MAX} connections listen already`);
      }
      const lastId = request.headers["last-event-id"];
      const raw = begun(reply);
      raw.write(messageOf("health", live.health()));
      if (request.method === "HEAD") return void raw.end();
      const known = typeof lastId === "string" && lastId.length <= ID_CHARS_MAX ? lastId : undefined;
      const { wake, leave } = live.hub.join({ write: (text) => raw.write(text) }, known);
      const end = () => raw.end();
      open.add(end);
      raw.setTimeout(patience, () => raw.destroy());
      raw.on("drain", wake);
      raw.on("error", () => {});
      raw.on("close", () => {
        open.delete(end);
        leave();
      });
    },
  );
}

/** Takes the answer over from Fastify, and begins it. */
function begun(reply: FastifyReply): FastifyReply["raw"] {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...headersOf(reply.getHeaders()),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  raw.write(`retry: ${RETRY_MS}\n\n`);
  return raw;
}

/** What hooks have set before (CORS), in the shape that node takes. */
const headersOf = (headers: Record<string, number | string | string[] | undefined>) =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
