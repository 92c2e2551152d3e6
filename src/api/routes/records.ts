import type { FastifyInstance } from "fastify";
import { ratePart, statsExample } from "../../records/stats.ts";
import type { AlertWish } from "../alert-log.ts";
import type { LiveStream } from "../live-stream.ts";
import { PARAMETERS, query } from "../parameters.ts";

/** Categories of /shares, where nothing else is asked for. */
const SHARES_DEFAULT = 1000;

/** The newest records, the last hour, and the alerts. */
export function recordRoutes(app: FastifyInstance, live: LiveStream): void {
  app.get("/rate", {
    schema: { summary: "How fast events come: a rate record", querystring: query([]) },
    handler: () => ratePart(live.record()),
  });
  app.get("/stats", {
    schema: {
      summary: "The newest stats record",
      querystring: query([]),
      response: { 200: { type: "object", additionalProperties: true, examples: [statsExample] } },
    },
    handler: () => live.record(),
  });
  app.get("/history", {
    schema: {
      summary: "The last hour, second by second: rate, what was usual, entropy",
      querystring: query([]),
    },
    handler: () => live.history(),
  });
  app.get<{ Querystring: { limit: number } }>("/shares", {
    schema: {
      summary: "Where events come from now, against the hour before",
      querystring: withLimit(query(["limit"]), SHARES_DEFAULT),
    },
    handler: ({ query: { limit } }) => live.shares(limit),
  });
  app.get<{ Querystring: AlertWish }>("/alerts", {
    schema: {
      summary: "The alerts that were told, the newest first; at most 1,000 are held",
      querystring: withLimit(query(["limit", "since", "alert", "state"]), 100),
    },
    handler(request) {
      live.check();
      return live.alerts.select(request.query);
    },
  });
}

/** A schema whose limit is this, where it is not given. */
const withLimit = <Schema extends { readonly properties: object }>(schema: Schema, limit: number) => ({
  ...schema,
  properties: { ...schema.properties, limit: { ...PARAMETERS.limit, default: limit } },
});
