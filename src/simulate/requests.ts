import { didYouMean } from "../core/suggest.ts";
import { asCommit, asRecentChange, type Shape } from "./dialects.ts";
import { numberIn } from "./event-channel.ts";
import type { Wish } from "./listener.ts";
import { STREAM_NAMES, type StreamName } from "./world.ts";

/** How a stream can be had: as lines or in a WebSocket, as Server-Sent Events, or in a WebSocket only. */
export type Transport = "any" | "events" | "socket";

/** What the path and query of a request ask for. */
export type Route =
  | {
      readonly kind: "stream";
      readonly stream: StreamName;
      readonly wish: Wish;
      readonly transport: Transport;
      readonly shape?: Shape;
    }
  | { readonly kind: "rest"; readonly method: "members" | "groups" }
  | { readonly kind: "index" }
  | { readonly kind: "stats" }
  | { readonly kind: "bad"; readonly problem: string }
  | { readonly kind: "unknown"; readonly problem: string };

/** Where Wikimedia's stream and Jetstream are, in the look of which RSVPs can be had. */
const RECENT_CHANGE = "recentchange";
const SUBSCRIBE = "/subscribe";
const PATHS = [
  ...[...STREAM_NAMES, "members", "groups"].map((name) => `/2/${name}`),
  ...[...STREAM_NAMES, RECENT_CHANGE].map((name) => `/v2/stream/${name}`),
  SUBSCRIBE,
  "/",
  "/stats",
];

/** What a route depends on besides the target. */
export interface RouteContext {
  /** The id of the last event that a client of Server-Sent Events had. */
  readonly lastEventId?: string | undefined;
  /** When the stream began, ms since the epoch. */
  readonly start: number;
}

/** Reads a request's target. Never throws: what is wrong becomes `bad` (400) or `unknown` (404). */
export function routeOf(url: URL, { lastEventId, start }: RouteContext): Route {
  const path = url.pathname.replace(/(.)\/+$/, "$1").replace(/\.json$/, "");
  if (path === "/") return { kind: "index" };
  if (path === "/stats") return { kind: "stats" };
  if (path === "/2/members") return { kind: "rest", method: "members" };
  if (path === "/2/groups") return { kind: "rest", method: "groups" };
  const stream = STREAM_NAMES.find((name) => path === `/2/${name}`);
  if (stream !== undefined) return streamRoute(stream, url.searchParams);
  if (path === SUBSCRIBE) return commitsRoute(url.searchParams.get("cursor"), start);
  const events = /^\/v2\/stream\/(\w+)$/.exec(path)?.[1];
  const told = STREAM_NAMES.find((name) => name === events);
  const number = lastEventId === undefined ? undefined : numberIn(lastEventId, start);
  const wish: Wish = { live: true, ...(number !== undefined && { sinceNumber: number + 1 }) };
  if (told !== undefined) return { kind: "stream", stream: told, wish, transport: "events" };
  if (events === RECENT_CHANGE) {
    return { kind: "stream", stream: "rsvps", wish, transport: "events", shape: asRecentChange };
  }
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
  return { kind: "stream", stream, wish, transport: "any" };
}

/** As Jetstream: from a time on, µs since 1970, by when messages were sent; one in the future means from now on. */
function commitsRoute(cursor: string | null, start: number): Route {
  const asked =
    cursor === null || cursor === "" ? undefined : /^\d{1,16}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (Number.isNaN(asked)) return { kind: "bad", problem: "expected µs since 1970 in cursor" };
  const wish: Wish = { live: true, ...(asked !== undefined && { sinceSentUs: asked - start * 1000 }) };
  return { kind: "stream", stream: "rsvps", wish, transport: "socket", shape: asCommit(start) };
}

/** undefined where there is none, NaN where it is no whole number. */
function wholeNumber(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
