import { isIP } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiProblem } from "./problems.ts";

/** Headers of every answer. The page has one script and one style sheet of its own, and nothing else runs. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/**
 * Whether a Host header names this server: an address, `localhost`, or a name that was allowed. A name of somebody
 * else's, which points here, would let their page read what only this machine should (DNS rebinding).
 */
export function isOwnHost(header: string | undefined, allowed: ReadonlySet<string>): boolean {
  if (header === undefined || header.length > 300 || !URL.canParse(`http://${header}`)) return false;
  const url = new URL(`http://${header}`);
  if (url.username !== "" || url.password !== "" || url.pathname !== "/" || url.search + url.hash !== "") {
    return false;
  }
  const name = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || allowed.has(name);
}

/** Whom it is for would be anybody's guess. RFC 9112, section 3.2. @param headers names and values in turn. */
function hasSecondHost(headers: readonly string[]): boolean {
  let hosts = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.length === 4 && headers[i]!.toLowerCase() === "host") hosts++;
  }
  return hosts > 1;
}

/** Refuses requests for other hosts; to be run before anything else. */
export function hostGuard(names: readonly string[]) {
  const allowed = new Set(names.map((name) => name.toLowerCase()));
  /** The one that was asked by last, which most are. */
  let known: string | undefined;
  const isOwn = ({ headers: { host }, raw: { rawHeaders } }: FastifyRequest): boolean => {
    if (host === undefined || (host !== known && !isOwnHost(host, allowed)) || hasSecondHost(rawHeaders)) {
      return false;
    }
    known = host;
    return true;
  };
  return (request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void): void => {
    // Answers are of this moment, but for the page's files.
    reply.headers(SECURITY_HEADERS).header("cache-control", "no-store");
    if (isOwn(request)) next();
    else
      next(
        new ApiProblem(
          "wrong-host",
          "expected an address, localhost or a name that --allow-host lists in Host",
        ),
      );
  };
}
