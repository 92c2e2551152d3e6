import type { FastifyInstance } from "fastify";
import { didYouMean } from "../../core/suggest.ts";
import type { View } from "../../distribution/counts.ts";
import { type Answers, histogramText } from "../answers.ts";
import type { LiveStream } from "../live-stream.ts";
import { query } from "../parameters.ts";
import { ApiProblem } from "../problems.ts";
import type { Likelihood } from "../wire.ts";

export interface TotalsRoutes {
  readonly live: LiveStream;
  readonly answers: Answers;
  /** The category of a message that was posted; null where it has none. */
  readonly keyOf: (message: object) => string | null;
}

const JSON_TYPE = "application/json; charset=utf-8";

/** Where events come from, in total: shares, their entropy, and how likely an event of a category is. */
export function totalsRoutes(app: FastifyInstance, { live, answers, keyOf }: TotalsRoutes): void {
  app.get<{ Querystring: { over: View; keys?: string } }>(
    "/histogram",
    {
      schema: {
        summary: "The share of each category, 0 to 1, unrounded; the largest first",
        querystring: query(["over", "keys"]),
        response: { 200: { type: "object", additionalProperties: { type: "number" } } },
      },
      // Worked out already, as text.
      serializerCompiler: () => String,
    },
    (request, reply) => {
      const { over, keys } = request.query;
      reply.type(JSON_TYPE).send(keys === undefined ? answers.histogram(over) : chosen(answers, over, keys));
    },
  );

  app.get<{ Querystring: { over: View } }>(
    "/entropy",
    {
      schema: {
        summary: "How evenly events are spread over the categories, bits",
        querystring: query(["over"]),
      },
    },
    ({ query: { over } }) => {
      const { stream, t } = live.record();
      return { t, stream, over, ...answers.spread(over) };
    },
  );

  app.get<{ Querystring: { over: View; key: string } }>(
    "/probability",
    {
      schema: {
        summary: "That the next event is of this category; how surprising one is (bits), and how rare",
        querystring: query(["key", "over"], ["key"]),
      },
    },
    ({ query: { key, over } }): Likelihood => ({ key, ...answers.likelihood(over, key) }),
  );

  app.post<{ Querystring: { over: View }; Body: object }>(
    "/probability",
    {
      schema: {
        summary: 'The same of the category of a message, of an event record, or of {"key":"CA"}',
        querystring: query(["over"]),
        body: { type: "object", additionalProperties: true },
      },
    },
    (request): Likelihood => {
      live.record();
      const { over } = request.query;
      // The schema lets nothing else through.
      const key = keyOf(request.body as object);
      if (key === null) {
        throw new ApiProblem(
          "no-category",
          'the message has no category where this stream has it; {"key":"CA"} will do',
        );
      }
      return { key, ...answers.likelihood(over, key) };
    },
  );
}

/** The shares of some categories, as they were asked for. */
function chosen(answers: Answers, over: View, keys: string): string {
  const weights = answers.weights(over);
  const names = [...new Set(keys.split(","))];
  const unknown = names.find((name) => !weights.has(name));
  if (unknown !== undefined) {
    throw new ApiProblem(
      "unknown-category",
      `${JSON.stringify(unknown)} was never seen${didYouMean(unknown, [...weights.keys()].slice(0, 1000))}`,
    );
  }
  return histogramText(weights, names);
}
