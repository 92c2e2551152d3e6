import type { FastifyInstance } from "fastify";
import type { LiveStream } from "../live-stream.ts";
import type { Metrics } from "../metrics.ts";
import { query } from "../parameters.ts";
import { ApiProblem } from "../problems.ts";
import { answers, healthExample, textAnswers } from "../schemas.ts";
import { JSON_TYPE } from "./json.ts";

/** How the API and its stream are: for supervisors, and for Prometheus. */
export function healthRoutes(app: FastifyInstance, live: LiveStream, metrics: Metrics): void {
  const summary = "How the stream is; 503, with the same body, only while the store does not answer";
  app.get("/healthz", {
    schema: { summary, querystring: query([]), ...answers(summary, healthExample) },
    handler(_, reply) {
      const health = live.health();
      if (live.isAway) reply.code(503).headers(new ApiProblem("store-away", "").headers);
      reply.type(JSON_TYPE).send(JSON.stringify(health));
    },
  });
  const words = "The same and more for Prometheus";
  app.get("/metrics", {
    schema: { summary: words, querystring: query([]), ...textAnswers(words, "text/plain") },
    async handler(_, reply) {
      return reply.type(metrics.contentType).send(await metrics.text());
    },
  });
}
