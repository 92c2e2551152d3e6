import { ToolError } from "../core/errors.ts";

/** Where a Redis server is. */
export interface RedisAddress {
  /** For messages: without user and password. */
  readonly shown: string;
  readonly secret: string | undefined;
  readonly username: string | undefined;
  readonly db: number;
  readonly place:
    | { readonly kind: "socket"; readonly path: string }
    | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls: boolean };
}

const EXPECTED = "expected redis://HOST:PORT/DB, rediss://… or unix:///PATH?db=DB";

/** Reads an address. @throws ToolError (usage) that does not repeat it: it may hold a password. */
export function parseRedisAddress(text: string): RedisAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new ToolError("usage", `${EXPECTED}, got something that is no address`, { cause });
  }
  const common = {
    secret: url.password === "" ? undefined : decoded(url.password),
    username: url.username === "" ? undefined : decoded(url.username),
  };
  if (url.protocol === "unix:") {
    const path = decoded(url.pathname);
    if (path === "" || path === "/")
      throw new ToolError("usage", `${EXPECTED}, got a unix: address without a path`);
    return {
      ...common,
      shown: `unix://${path}`,
      db: parseDb(url.searchParams.get("db") ?? ""),
      place: { kind: "socket", path },
    };
  }
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") {
    throw new ToolError("usage", `${EXPECTED}, got one that begins with ${url.protocol}`);
  }
  const host = url.hostname === "" ? "127.0.0.1" : url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? 6379 : Number(url.port);
  return {
    ...common,
    shown: `${url.protocol}//${url.hostname === "" ? host : url.hostname}:${port}`,
    db: parseDb(url.pathname.replace(/^\//, "") || (url.searchParams.get("db") ?? "")),
    place: { kind: "tcp", host, port, tls: url.protocol === "rediss:" },
  };
}

function parseDb(text: string): number {
  if (text === "") return 0;
  if (!/^\d{1,6}$/.test(text)) throw new ToolError("usage", `${EXPECTED}, got a database that is no number`);
  return Number(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
