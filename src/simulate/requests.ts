import { didYouMean } from "../core/suggest.ts";
import type { Wish } from "./listener.ts";
import { STREAM_NAMES, type StreamName } from "./world.ts";

/** What the path and query of a request ask for. */
export type Route =
  | { readonly kind: "stream"; readonly stream: StreamName; readonly wish: Wish }
  | { readonly kind: "rest"; readonly method: "members" | "groups" }
  | { readonly kind: "index" }
  | { readonly kind: "stats" }
  | { readonly kind: "bad"; readonly problem: string }
  | { readonly kind: "unknown"; readonly problem: string };

const PATHS = [...STREAM_NAMES, "members", "groups"].map((name) => `/2/${name}`).concat("/", "/stats");

/** Reads a request's target. Never throws: what is wrong becomes `bad` (400) or `unknown` (404). */
export function routeOf(url: URL): Route {
  const path = url.pathname.replace(/(.)\/+$/, "$1").replace(/\.json$/, "");
  if (path === "/") return { kind: "index" };
  if (path === "/stats") return { kind: "stats" };
  if (path === "/2/members") return { kind: "rest", method: "members" };
  if (path === "/2/groups") return { kind: "rest", method: "groups" };
  const stream = STREAM_NAMES.find((name) => path === `/2/${name}`);
  if (stream !== undefined) return streamRoute(stream, url.searchParams);
  const problem = `nothing is at ${url.pathname}${didYouMean(path, PATHS)}; / lists what there is`;
  return { kind: "unknown", problem };
}

function streamRoute(stream: StreamName, query: URLSearchParams): Route {
  const sinceMtime = wholeNumber(query.get("since_mtime"));
  const sinceCount = wholeNumber(query.get("since_count"));
  if (Number.isNaN(sinceMtime)) return { kind: "bad", problem: "expected ms since 1970 in since_mtime" };
  if (Number.isNaN(sinceCount)) return { kind: "bad", problem: "expected a whole number in since_count" };
  const trickle = query.get("trickle");
  const wish: Wish = {
    // As the real one: the stream of venues ends behind what is known, unless it is told to trickle.
    live: stream !== "open_venues" || (trickle !== null && !["false", "0"].includes(trickle)),
    ...(sinceMtime === undefined ? {} : { sinceMtime }),
    ...(sinceCount === undefined ? {} : { sinceCount }),
  };
  return { kind: "stream", stream, wish };
}

/** undefined where there is none, NaN where it is no whole number. */
function wholeNumber(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
