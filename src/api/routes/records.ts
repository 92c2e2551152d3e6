import type { FastifyInstance } from "fastify";
import { ratePart, statsExample } from "../../records/stats.ts";
import type { AlertWish } from "../alert-log.ts";
import type { Bodies } from "../bodies.ts";
import type { LiveStream } from "../live-stream.ts";
import { query, withLimit } from "../parameters.ts";
import { alertsExample, answers, historyExample, rateAnswerExample, sharesExample } from "../schemas.ts";
import { JSON_TYPE } from "./json.ts";

/** Categories of /shares, and alerts of /alerts, where nothing else is asked for. */
const SHARES_DEFAULT = 1000;
const ALERTS_DEFAULT = 100;

/** The newest records, the last hour, and the alerts. */
export function recordRoutes(app: FastifyInstance, live: LiveStream, bodies: Bodies): void {
  const texts = [
    {
      url: "/rate",
      summary: "How fast events come: a rate record",
      example: rateAnswerExample,
      make: () => ratePart(live.record()),
    },
    { url: "/stats", summary: "The newest stats record", example: statsExample, make: () => live.record() },
    {
      url: "/history",
      summary: "The last hour, second by second: rate, what was usual, entropy",
      example: historyExample,
      make: () => live.history(),
    },
  ];
  for (const { url, summary, example, make } of texts) {
    app.get(
      url,
      { schema: { summary, querystring: query([]), ...answers(summary, example) } },
      (_, reply) => {
        reply.type(JSON_TYPE).send(bodies.of(url, () => JSON.stringify(make())));
      },
    );
  }
  sharesRoute(app, live, bodies);
  alertsRoute(app, live, bodies);
}

function sharesRoute(app: FastifyInstance, live: LiveStream, bodies: Bodies): void {
  const summary = "Where events come from now, against the hour before";
  const querystring = withLimit(query(["limit"]), SHARES_DEFAULT);
  app.get<{ Querystring: { limit: number } }>(
    "/shares",
    { schema: { summary, querystring, ...answers(summary, sharesExample) } },
    ({ query: { limit } }, reply) => {
      reply.type(JSON_TYPE).send(bodies.of(`/shares ${limit}`, () => JSON.stringify(live.shares(limit))));
    },
  );
}

function alertsRoute(app: FastifyInstance, live: LiveStream, bodies: Bodies): void {
  const summary = "The alerts that were told, the newest first; at most 1,000 are held";
  const querystring = withLimit(query(["limit", "since", "alert", "state"]), ALERTS_DEFAULT);
  app.get<{ Querystring: AlertWish }>(
    "/alerts",
    { schema: { summary, querystring, ...answers(summary, alertsExample) } },
    ({ query: { limit, since, alert, state } }, reply) => {
      live.check();
      const wish = { limit, since, alert, state };
      const make = () => JSON.stringify(live.alerts.select(wish));
      reply.type(JSON_TYPE).send(bodies.of(`/alerts ${JSON.stringify(wish)}`, make));
    },
  );
}
