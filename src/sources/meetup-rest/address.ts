import { standsInArguments } from "../../core/arguments.ts";
import { ToolError } from "../../core/errors.ts";
import { isLoopback } from "../../core/loopback.ts";

/** Where Meetup served its API. */
export const MEETUP_API = "https://api.meetup.com";
const HOW_TO = "set MEETUP_API_KEY to a key of Meetup's API";

/** An address of another server that speaks Meetup's API. @throws ToolError (usage). */
export function parseApi(text: string): URL {
  const refuse = (expected: string) => new ToolError("usage", `expected ${expected}`);
  if (!URL.canParse(text)) throw refuse("an address such as http://127.0.0.1:8181");
  const url = new URL(text);
  // The messages do not quote it: what is too much in it may be a key.
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("an address of http or https");
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw refuse("an address without user, password and query: the key comes from MEETUP_API_KEY");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refuse("https (plain http is for this machine only: whoever reads the address has the key)");
  }
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

/**
 * The key, as it may be used. Meetup's own API takes none without one; another server may.
 * @param variable the value of MEETUP_API_KEY. @throws ToolError (configuration) that never holds the key.
 */
export function checkedKey(variable: string | undefined, api: URL): string | undefined {
  const key = variable?.trim();
  if (key === undefined || key === "") {
    if (api.origin === MEETUP_API) throw new ToolError("configuration", `there is no key; ${HOW_TO}`);
    return undefined;
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new ToolError("configuration", `MEETUP_API_KEY holds something else than a key; ${HOW_TO}`);
  }
  if (standsInArguments(`key=${key}`)) {
    throw new ToolError(
      "configuration",
      "the key stands on the command line, where everybody on this machine sees it",
    );
  }
  return key;
}
