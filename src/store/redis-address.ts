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
  if (text.startsWith("unix:")) return parseSocket(text);
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new ToolError("usage", `${EXPECTED}, got something that is no address`, { cause });
  }
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") {
    throw new ToolError("usage", `${EXPECTED}, got one that begins with ${url.protocol}`);
  }
  const host = url.hostname === "" ? "127.0.0.1" : url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? 6379 : Number(url.port);
  return {
    ...credentials(url.username, url.password),
    shown: `${url.protocol}//${url.hostname === "" ? host : url.hostname}:${port}`,
    db: parseDb(url.pathname.replace(/^\//, "") || (url.searchParams.get("db") ?? "")),
    place: { kind: "tcp", host, port, tls: url.protocol === "rediss:" },
  };
}

/** `unix://[USER:PASSWORD@]/PATH[?db=DB]`, which URL's grammar does not know. */
const SOCKET = /^unix:(?:\/\/(?:([^:@/]*):([^@]*)@)?)?(\/(?!\/)[^?]+)(?:\?(.*))?$/;

function parseSocket(text: string): RedisAddress {
  const match = SOCKET.exec(text);
  if (match === null) throw new ToolError("usage", `${EXPECTED}, got a unix: address without a path`);
  const [, username, password, encoded, query] = match;
  const path = decoded(encoded!);
  const db = parseDb(new URLSearchParams(query).get("db") ?? "");
  return { ...credentials(username, password), shown: `unix://${path}`, db, place: { kind: "socket", path } };
}

function credentials(username: string | undefined, password: string | undefined) {
  return {
    secret: password ? decoded(password) : undefined,
    username: username ? decoded(username) : undefined,
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
