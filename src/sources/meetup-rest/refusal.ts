import { ToolError } from "../../core/errors.ts";
import { Passing } from "../../core/retry.ts";
import { RefusedIds } from "../../profiles/profile-source.ts";
import { MEETUP_API } from "./address.ts";

/** Statuses that may pass by themselves, besides all from 500 on. */
const PASSING = new Set([408, 425, 429]);
/** Statuses of a request that is refused as it is: bad, too large, its address too long, not to be worked on. */
const REFUSED = new Set([400, 413, 414, 422]);

/**
 * What an answer other than 200 means. No words of the answer are in it, for they may hold the key.
 * @param wait how long the API wants to be left alone, ms.
 */
export function refusal(
  status: number,
  { api, wait }: { readonly api: URL; readonly wait: number },
): Passing | ToolError {
  if (PASSING.has(status) || status >= 500) return new Passing(`it answers ${status}`, { wait, status });
  const told = (kind: "permission" | "configuration", words: string) =>
    new ToolError(kind, `${api.origin} answers ${status}: ${words}`, { facts: { api: api.origin, status } });
  if (status === 401 || status === 403) {
    return told("permission", "it does not take the key; set MEETUP_API_KEY to one that is allowed to read");
  }
  if (status >= 300 && status < 400) {
    return told(
      "configuration",
      "a redirection, which is not followed, for the key would go with it; see --api",
    );
  }
  if (api.origin === MEETUP_API && (status === 404 || status === 410)) {
    return told(
      "configuration",
      "Meetup has retired this API; give another server that speaks it with --api (simulate is one)",
    );
  }
  const words = "it does not understand the request; is --api the address of Meetup's API?";
  if (!REFUSED.has(status)) return told("configuration", words);
  const facts = { api: api.origin, status };
  return new RefusedIds("configuration", `${api.origin} answers ${status}: ${words}`, { facts });
}
