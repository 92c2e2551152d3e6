import { ToolError } from "../core/errors.ts";

/** Why a request is not done: its words are for the client, and hold no secret. */
export class RequestProblem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = "RequestProblem";
    this.status = status;
    this.headers = headers;
  }
}

/** What stands for an error that only its log tells. */
const OURS = "the function failed; its log says why";
/** When something that is away may be asked again if it does not say, s. */
const RETRY_SECONDS = 30;
const RETRY_SECONDS_MAX = 86_400;

/**
 * What a caller is told of an error. A refusal further up is a 403; what may be tried again is a 429 or a 503 with a
 * Retry-After, as the facts `status` and `retryAfter` (s) of the error say; everything else is ours, a 500.
 */
export function problemOf(error: unknown): RequestProblem {
  if (error instanceof RequestProblem) return error;
  if (!(error instanceof ToolError)) return new RequestProblem(500, OURS);
  switch (error.kind) {
    case "usage":
    case "badInput":
      return new RequestProblem(400, error.message);
    case "permission":
      return new RequestProblem(403, error.message);
    case "unavailable":
      return new RequestProblem(error.facts["status"] === 429 ? 429 : 503, error.message, {
        "retry-after": String(retrySeconds(error.facts["retryAfter"])),
      });
    case "defect":
    case "cannotCreate":
    case "io":
    case "configuration":
      return new RequestProblem(500, OURS);
  }
}

const retrySeconds = (asked: unknown): number =>
  typeof asked === "number" && asked > 0 ? Math.min(Math.ceil(asked), RETRY_SECONDS_MAX) : RETRY_SECONDS;

/** A text in which no secret stands as it is, nor as it is written in an address. */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === undefined || secret === "") continue;
    const forms = [secret, encodeURIComponent(secret), `${new URLSearchParams({ s: secret })}`.slice(2)];
    for (const form of new Set(forms)) clean = clean.replaceAll(form, "[secret]");
  }
  return clean;
}
