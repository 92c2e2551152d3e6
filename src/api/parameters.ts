import { didYouMean } from "../core/suggest.ts";
import { ALERT_KINDS } from "../records/alert.ts";
import { ApiProblem } from "./problems.ts";

/** Longest name of a category that is asked for, and most of them, characters. */
const KEY_CHARS_MAX = 256;
const KEYS_CHARS_MAX = 8192;

/** Parameters of the addresses, as JSON Schema for the checks and for /openapi.json. */
export const PARAMETERS = {
  over: {
    type: "string",
    enum: ["recent", "all"],
    default: "recent",
    description: "the counts that halve every hour, or all since the start",
  },
  keys: {
    type: "string",
    minLength: 1,
    maxLength: KEYS_CHARS_MAX,
    description: "only these categories, joined by commas; their shares are still of all",
  },
  key: {
    type: "string",
    minLength: 1,
    maxLength: KEY_CHARS_MAX,
    description: "a category; one that was never seen has the probability of any new one",
  },
  limit: { type: "integer", minimum: 1, maximum: 1000, description: "at most so many" },
  since: { type: "number", description: "decided at this time or later, ms since the Unix epoch" },
  alert: { type: "string", enum: ALERT_KINDS, description: "only alerts of this kind" },
  state: {
    type: "string",
    enum: ["firing", "update", "reminder", "resolved"],
    description: "only alerts of this state",
  },
} as const;

/** A schema of a query string that takes these parameters and no other. */
export function query<Name extends keyof typeof PARAMETERS>(
  names: readonly Name[],
  required: readonly Name[] = [],
) {
  const properties = Object.fromEntries(names.map((name) => [name, PARAMETERS[name]]));
  return { type: "object", properties, required, additionalProperties: false } as const;
}

/** The same with a limit of this, where none is given. */
export const withLimit = <Schema extends { readonly properties: object }>(schema: Schema, limit: number) => ({
  ...schema,
  properties: { ...schema.properties, limit: { ...PARAMETERS.limit, default: limit } },
});

/** What Ajv says is wrong with a part of a request. */
export interface SchemaFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
}

/** The first fault in words that name the parameter, what is expected, and the nearest name for one that is unknown. */
export function faultWords(faults: readonly SchemaFault[], known: readonly string[]): ApiProblem {
  const fault = faults[0];
  const name = fault?.instancePath.slice(1) ?? "";
  const { additionalProperty, missingProperty, allowedValues } = fault?.params ?? {};
  if (typeof additionalProperty === "string") {
    const names = known.length === 0 ? "none is taken here" : `there is ${known.join(", ")}`;
    return new ApiProblem(
      "bad-parameter",
      `unknown parameter ${JSON.stringify(additionalProperty)}${didYouMean(additionalProperty, known)}; ${names}`,
    );
  }
  if (typeof missingProperty === "string") {
    return new ApiProblem("bad-parameter", `expected the parameter ${missingProperty}`);
  }
  const expected = Array.isArray(allowedValues)
    ? `must be ${allowedValues.join(" or ")}`
    : (fault?.message ?? "is wrong");
  return new ApiProblem("bad-parameter", `${name}: ${expected}`);
}
