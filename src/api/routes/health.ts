import type { FastifyInstance } from "fastify";
import type { LiveStream } from "../live-stream.ts";
import type { Metrics } from "../metrics.ts";
import { query } from "../parameters.ts";

/** How the API and its stream are: for supervisors, and for Prometheus. */
export function healthRoutes(app: FastifyInstance, live: LiveStream, metrics: Metrics): void {
  app.get("/healthz", {
    schema: {
      summary: "How the stream is; 503 only while the store does not answer",
      querystring: query([]),
    },
    handler(_, reply) {
      const health = live.health();
      if (health.status === "away") reply.code(503).header("retry-after", "2");
      reply.header("cache-control", "no-store").send(health);
    },
  });
  app.get("/metrics", {
    schema: { summary: "The same and more for Prometheus", querystring: query([]), produces: ["text/plain"] },
    async handler(_, reply) {
      return reply.type(metrics.contentType).send(await metrics.text());
    },
  });
}
