import type { ErrorKind } from "../../core/errors.ts";
import { waitAsked } from "../../core/retry-after.ts";

/** What came back for a post; `body` is how the reply begins. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** What an answer means for the post and for those after it. */
export type Verdict =
  | { readonly kind: "delivered"; readonly odd: boolean }
  /** Try again; not before `wait` ms, where Slack said so. */
  | { readonly kind: "retry"; readonly reason: string; readonly wait: number }
  /** The message itself is refused. */
  | { readonly kind: "refused"; readonly reason: string }
  /** No post will get through until somebody acts. */
  | { readonly kind: "stop"; readonly error: ErrorKind; readonly reason: string; readonly remedy: string };

const NEW_WEBHOOK = "make a new incoming webhook in Slack and put its address where the old one stands";
const ASK_ADMIN = "ask an administrator of the workspace to allow it";
const UNARCHIVE = "unarchive the channel, or make a webhook for another one";
const FIX_ADDRESS = "compare the address with the one that Slack shows";

/** What Slack calls it → what it means. https://api.slack.com/messaging/webhooks#handling_errors */
const STOPS: Readonly<Record<string, readonly [ErrorKind, string]>> = {
  no_service: ["configuration", NEW_WEBHOOK],
  no_service_id: ["configuration", FIX_ADDRESS],
  no_active_hooks: ["configuration", NEW_WEBHOOK],
  no_team: ["configuration", FIX_ADDRESS],
  channel_not_found: ["configuration", NEW_WEBHOOK],
  channel_is_archived: ["configuration", UNARCHIVE],
  user_not_found: ["configuration", NEW_WEBHOOK],
  invalid_token: ["permission", NEW_WEBHOOK],
  token_revoked: ["permission", NEW_WEBHOOK],
  action_prohibited: ["permission", ASK_ADMIN],
  posting_to_general_channel_denied: ["permission", ASK_ADMIN],
  team_disabled: ["permission", ASK_ADMIN],
};
const REFUSALS: readonly string[] = [
  "invalid_payload",
  "invalid_blocks",
  "invalid_blocks_format",
  "invalid_attachments",
  "too_many_attachments",
  "no_text",
  "msg_too_long",
  "msg_blocks_too_long",
];
/** Statuses that stop where the reply names nothing that is known. */
const STOP_STATUSES: Readonly<Record<number, readonly [ErrorKind, string]>> = {
  401: ["permission", NEW_WEBHOOK],
  403: ["permission", NEW_WEBHOOK],
  404: ["configuration", NEW_WEBHOOK],
  410: ["configuration", NEW_WEBHOOK],
};

/**
 * Reads an answer. @param now wall time, ms, against which a Retry-After that is a date is read.
 *
 * No reason holds words of the reply but Slack's own names: a reply may hold the address.
 */
export function verdictOf({ status, body, retryAfter }: Answer, now: number): Verdict {
  if (status >= 200 && status < 300) return { kind: "delivered", odd: body.trim() !== "ok" };
  if (status >= 300 && status < 400) {
    const remedy = "put the address that it leads to in its place; posts do not follow";
    return { kind: "stop", error: "configuration", reason: `${status}, a redirection`, remedy };
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: "retry", reason: `it answers ${status}`, wait: waitAsked(retryAfter, now) };
  }
  const name = errorName(body);
  const reason = name === undefined ? String(status) : `${status} ${name}`;
  if (name !== undefined && REFUSALS.includes(name)) return { kind: "refused", reason };
  const stop = (name === undefined ? undefined : STOPS[name]) ?? STOP_STATUSES[status];
  if (stop !== undefined) return { kind: "stop", error: stop[0], reason, remedy: stop[1] };
  if (status === 400 || status === 413 || status === 422) return { kind: "refused", reason };
  return { kind: "stop", error: "configuration", reason, remedy: FIX_ADDRESS };
}

/** Slack's name of an error, in a reply of text or of JSON; undefined for names that are not Slack's. */
function errorName(body: string): string | undefined {
  const words = body.match(/[a-z_]{1,64}/g) ?? [];
  return words.find((word) => Object.hasOwn(STOPS, word) || REFUSALS.includes(word));
}
