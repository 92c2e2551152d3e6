import type { Problem } from "./wire.ts";

/** Every kind of error that the API answers with; docs and OpenAPI are checked against it. */
export const PROBLEMS = {
  "bad-request": { status: 400, title: "The request cannot be understood" },
  "bad-parameter": { status: 400, title: "A parameter is wrong" },
  "bad-body": { status: 400, title: "The body is not what is expected" },
  "nothing-stored": { status: 404, title: "Nothing is known of the stream yet" },
  "unknown-category": { status: 404, title: "There is no such category" },
  "not-found": { status: 404, title: "There is nothing at this address" },
  "method-not-allowed": { status: 405, title: "This method is not for this address" },
  "too-slow": { status: 408, title: "The request did not come in time" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "not-json": { status: 415, title: "The body must be JSON" },
  "wrong-host": { status: 421, title: "This is not the host that was asked for" },
  "no-category": { status: 422, title: "The message has no category" },
  "too-many-listeners": { status: 429, title: "Too many connections listen already" },
  "head-too-large": { status: 431, title: "The head of the request is too large" },
  defect: { status: 500, title: "A defect" },
  "store-away": { status: 503, title: "The store does not answer" },
} as const satisfies Readonly<Record<string, { status: number; title: string }>>;

export type ProblemKind = keyof typeof PROBLEMS;

/** When something that is away, or full, may be asked again, s. */
const RETRY_SECONDS: Partial<Record<ProblemKind, number>> = { "store-away": 2, "too-many-listeners": 10 };

/** Why a request is not answered; its words are for the client. */
export class ApiProblem extends Error {
  readonly kind: ProblemKind;
  /** Headers that belong to the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = "ApiProblem";
    this.kind = kind;
    const wait = RETRY_SECONDS[kind];
    this.headers = wait === undefined ? headers : { "retry-after": String(wait), ...headers };
  }

  get status(): number {
    return PROBLEMS[this.kind].status;
  }

  /** The document of RFC 9457. */
  document(): Problem {
    const { status, title } = PROBLEMS[this.kind];
    return { type: `urn:rsvpulse:problem:${this.kind}`, title, status, detail: this.message };
  }
}
