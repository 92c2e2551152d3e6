import { reasonOf, systemCode, ToolError } from "../../core/errors.ts";

/** What an error of Google's client means. */
export interface Verdict {
  /** "again": the same request may succeed later. */
  readonly kind: "again" | "refused";
  /** The status of the answer, where one came. */
  readonly status: number | undefined;
  readonly answered: boolean;
  /** The header of that name, where one came. */
  readonly retryAfter: string | undefined;
  readonly reason: string;
}

/** What may be tried again. https://cloud.google.com/storage/docs/retry-strategy#retryable */
const AGAIN: ReadonlySet<number> = new Set([408, 429]);
/** What the client's own checks say: the object was damaged on its way; it was removed, or another try compares it. */
const DAMAGED: ReadonlySet<string> = new Set([
  "CONTENT_DOWNLOAD_MISMATCH",
  "FILE_NO_UPLOAD",
  "FILE_NO_UPLOAD_DELETE",
  "MD5_NOT_AVAILABLE",
]);
const BROKEN =
  /socket hang up|ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|premature close|network timeout|aborted|terminated|Retry limit exceeded|upload failed/i;

/** Judges what the client threw: an answer by its status, all else by its words, for it has many kinds of errors. */
export function judge(error: unknown): Verdict {
  const status = statusOf(error);
  // The client's words begin with the whole address that was asked.
  const words = reasonOf(error).replace(/^request to .* failed, reason: /, "");
  const reason = status === undefined ? words : `${status} ${words}`;
  if (status !== undefined && status >= 400) {
    const kind = AGAIN.has(status) || status >= 500 ? "again" : "refused";
    return { kind, status, answered: true, retryAfter: retryAfterOf(error), reason: shortened(reason) };
  }
  const code = systemCode(error) ?? "";
  const isAgain = DAMAGED.has(code) || BROKEN.test(`${code} ${reason}`);
  return {
    kind: isAgain ? "again" : "refused",
    status,
    answered: DAMAGED.has(code),
    retryAfter: undefined,
    reason: shortened(reason),
  };
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, status, response } = error as Partial<Record<"code" | "status" | "response", unknown>>;
  const answered = typeof response === "object" && response !== null ? response : {};
  const candidates = [code, status, (answered as { readonly status?: unknown }).status];
  return candidates.map(Number).find((value) => Number.isInteger(value) && value >= 100 && value < 600);
}

/** Of the answer that the client keeps with its error. */
function retryAfterOf(error: unknown): string | undefined {
  const { response } = error as {
    readonly response?: { readonly headers?: Readonly<Record<string, unknown>> };
  };
  const header = response?.headers?.["retry-after"];
  return typeof header === "string" ? header : undefined;
}

/** Longest that an answer's words are told, characters. */
const WORDS_MAX = 160;

const shortened = (reason: string): string =>
  reason.length > WORDS_MAX ? `${reason.slice(0, WORDS_MAX)}…` : reason;

/** What was refused for good, as an error that says what to do. */
export function refusal(shown: string, bucket: string, error: unknown): ToolError {
  const { status, reason } = judge(error);
  const cause = { cause: error, facts: { status } };
  if (status === 401 || status === 403) {
    return new ToolError(
      "permission",
      `${shown}: refused with ${reason}; the account needs roles/storage.objectCreator and roles/storage.objectViewer on the bucket`,
      cause,
    );
  }
  if (status === 404) {
    return new ToolError(
      "configuration",
      `${shown}: there is no such bucket or object; make it with: gcloud storage buckets create gs://${bucket}`,
      cause,
    );
  }
  if (/credentials|metadata|invalid_grant|key file|authenticat/i.test(reason)) {
    return new ToolError(
      "configuration",
      `${shown}: no credentials of Google Cloud: run gcloud auth application-default login, or name a key's file in GOOGLE_APPLICATION_CREDENTIALS`,
      cause,
    );
  }
  return new ToolError(status === undefined ? "unavailable" : "io", `${shown}: refused: ${reason}`, cause);
}

/** @returns what is to be thrown when the client could not be loaded. */
export function optionalPackageMissing(error: unknown): ToolError {
  return new ToolError(
    "configuration",
    "gs:// needs the package @google-cloud/storage, which is optional: npm install @google-cloud/storage@7",
    { cause: error },
  );
}
