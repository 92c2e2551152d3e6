import type { FastifyInstance } from "fastify";
import { didYouMean } from "../../core/suggest.ts";
import type { View } from "../../distribution/counts.ts";
import { type Answers, histogramText } from "../answers.ts";
import type { Bodies } from "../bodies.ts";
import type { LiveStream } from "../live-stream.ts";
import { query } from "../parameters.ts";
import { ApiProblem } from "../problems.ts";
import {
  answers as answersOf,
  entropyExample,
  histogramExample,
  likelihoodExample,
  numbersByCategory,
} from "../schemas.ts";
import type { Likelihood } from "../wire.ts";
import { JSON_TYPE } from "./json.ts";

export interface TotalsRoutes {
  readonly live: LiveStream;
  readonly answers: Answers;
  readonly bodies: Bodies;
  /** The category of a message that was posted; null where it has none. */
  readonly keyOf: (message: object) => string | null;
}

/** Categories that an unknown one is compared with: more take longer than a hint is worth. */
const COMPARED_MAX = 200;

/** Where events come from, in total: shares, their entropy, and how likely an event of a category is. */
export function totalsRoutes(app: FastifyInstance, parts: TotalsRoutes): void {
  histogramRoute(app, parts);
  entropyRoute(app, parts);
  probabilityRoutes(app, parts);
}

function histogramRoute(app: FastifyInstance, { answers, bodies }: TotalsRoutes): void {
  const summary = "The share of each category, 0 to 1, unrounded; the largest first";
  app.get<{ Querystring: { over: View; keys?: string } }>(
    "/histogram",
    {
      schema: {
        summary,
        querystring: query(["over", "keys"]),
        ...numbersByCategory(summary, histogramExample),
      },
    },
    ({ query: { over, keys } }, reply) => {
      const body =
        keys === undefined
          ? bodies.of(`/histogram ${over}`, () => answers.histogram(over))
          : chosen(answers, over, keys);
      reply.type(JSON_TYPE).send(body);
    },
  );
}

function entropyRoute(app: FastifyInstance, { live, answers }: TotalsRoutes): void {
  const summary = "How evenly events are spread over the categories, bits";
  app.get<{ Querystring: { over: View } }>(
    "/entropy",
    { schema: { summary, querystring: query(["over"]), ...answersOf(summary, entropyExample) } },
    ({ query: { over } }) => {
      const { stream, t } = live.record();
      return { t, stream, over, ...answers.spread(over) };
    },
  );
}

function probabilityRoutes(app: FastifyInstance, { live, answers, keyOf }: TotalsRoutes): void {
  const summary = "That the next event is of this category; how surprising one is (bits), and how rare";
  app.get<{ Querystring: { over: View; key: string } }>(
    "/probability",
    {
      schema: {
        summary,
        querystring: query(["key", "over"], ["key"]),
        ...answersOf(summary, likelihoodExample),
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
        ...answersOf(summary, likelihoodExample),
      },
    },
    (request): Likelihood => {
      live.record();
      // The schema lets nothing else through.
      const key = keyOf(request.body as object);
      if (key === null) throw new ApiProblem("no-category", NO_CATEGORY);
      return { key, ...answers.likelihood(request.query.over, key) };
    },
  );
}

const NO_CATEGORY =
  'no category was found in the message (--source or --key of the API says where it is); {"key":"CA"} will do';

/** The shares of some categories, as they were asked for. */
function chosen(answers: Answers, over: View, keys: string): string {
  const weights = answers.weights(over);
  const names = [...new Set(keys.split(","))];
  if (names.includes("")) {
    throw new ApiProblem("bad-parameter", "keys: expected categories with commas between");
  }
  const unknown = names.find((name) => !weights.has(name));
  if (unknown === undefined) return histogramText(weights, names);
  const near = didYouMean(unknown, [...weights.keys()].slice(0, COMPARED_MAX));
  throw new ApiProblem("unknown-category", `${JSON.stringify(unknown)} was never seen${near}`);
}
