import { alertExample } from "../records/alert.ts";
import { ratePart, statsExample } from "../records/stats.ts";
import { PROBLEMS } from "./problems.ts";
import type { Health, History, Likelihood, Shares } from "./wire.ts";

const JSON_BODY = "application/json";

/** An error, whatever it is. */
const PROBLEM = {
  description: "What went wrong, as RFC 9457 has it",
  content: {
    "application/problem+json": {
      schema: {
        type: "object",
        required: ["type", "title", "status", "detail"],
        properties: {
          type: { type: "string", enum: Object.keys(PROBLEMS).map((kind) => `urn:rsvpulse:problem:${kind}`) },
          title: { type: "string" },
          status: {
            type: "integer",
            enum: [...new Set(Object.values(PROBLEMS).map(({ status }) => status))],
          },
          detail: { type: "string", description: "what was expected, and how to mend it" },
        },
      },
    },
  },
} as const;

/** Answers that are JSON: what a good one looks like, by an example whose every field may be null; and errors. */
export const answers = (description: string, example: object) =>
  answersBy(description, { ...schemaOf(example), examples: [example] });

/** Answers that give each category a number. */
export const numbersByCategory = (description: string, example: Readonly<Record<string, number>>) =>
  answersBy(description, { type: "object", additionalProperties: { type: "number" }, examples: [example] });

const answersBy = (description: string, schema: object) => ({
  response: { 200: { description, content: { [JSON_BODY]: { schema } } }, default: PROBLEM },
});

/** What an example shows of its kind; what it does not show may be there too. */
function schemaOf(example: unknown): object {
  if (Array.isArray(example))
    return { type: "array", items: example.length === 0 ? {} : schemaOf(example[0]) };
  if (typeof example !== "object" || example === null)
    return example === null ? {} : { type: [typeof example, "null"] };
  const properties = Object.fromEntries(
    Object.entries(example).map(([name, value]) => [name, schemaOf(value)]),
  );
  return { type: "object", properties, additionalProperties: true };
}

/** Answers that are another kind of text. */
export const textAnswers = (description: string, type: string) => ({
  response: {
    200: { description, content: { [type]: { schema: { type: "string" } } } },
    default: PROBLEM,
  },
});

const { stream, t } = statsExample;

export const likelihoodExample: Likelihood = {
  key: "CA",
  probability: 0.0702,
  surprisal: 3.83,
  rarity: 0.782,
};

export const entropyExample = {
  ...{ t, stream, over: "recent" },
  ...{ entropy: 4.481, entropyCorrected: 4.523, n: 642, categories: 38 },
};

export const healthExample: Health = {
  ...{ status: "live", origin: "store" },
  ...{ stream, t, age: 0.4, connected: true, blind: false },
};

export const historyExample: History = {
  ...{ stream, t, noun: "RSVP" },
  seconds: [t / 1000 - 1, t / 1000],
  rate: [2, null],
  usual: [1.3, 1.3],
  entropy: [null, 4.481],
};

export const sharesExample: Shares = {
  ...{ stream, t, noun: "RSVP", places: "us-states" },
  now: { seconds: 300, n: 212 },
  usual: { seconds: 3300, n: 1840 },
  categories: [
    { key: "TX", name: "Texas", now: 0.3, usual: 0.088, surplus: 8.3, standing: "surging" },
    { key: "CA", name: "California", now: 0.13, usual: 0.14, surplus: -0.4, standing: "usual" },
  ],
  others: { categories: 43, now: 0.57, usual: 0.772 },
};

export const histogramExample = { FL: 0.1168, CA: 0.0701 };
export const alertsExample = [alertExample];
export const rateAnswerExample = ratePart(statsExample);
