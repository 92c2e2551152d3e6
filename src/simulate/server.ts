import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { reasonOf, systemCode, ToolError } from "../core/errors.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { httpChannel } from "./http-channel.ts";
import { indexPage, statsOf } from "./pages.ts";
import { type Route, routeOf } from "./requests.ts";
import { restAnswer } from "./rest.ts";
import { throttle } from "./throttle.ts";
import { webSocketUpgrade } from "./websocket.ts";
import type { World } from "./world.ts";

/** Connections that are still open so long after an orderly end are destroyed, ms. */
const END_MS_MAX = 500;
/** Room for 200 ids of members in one address, bytes. */
const HEADER_BYTES_MAX = 64 * 1024;

export interface RunningServer {
  /** `http://HOST:PORT`. */
  readonly address: string;
  readonly port: number;
  /** Stops listening and waits until all connections are closed. */
  close(): Promise<void>;
}

export interface ServerSettings {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
}

/** Serves a world over HTTP and WebSocket. @throws ToolError (unavailable, permission, usage) when it cannot listen. */
export async function serve(
  world: World,
  broadcaster: Broadcaster,
  { host, port, clock }: ServerSettings & { clock: Clock },
): Promise<RunningServer> {
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX });
  const upgrade = await webSocketUpgrade();
  const upgraded = new Set<Duplex>();
  let address = "";
  const allowance = throttle();

  server.on("request", (request, response) => {
    const url = addressIn(request, address);
    const route: Route =
      url === undefined ? { kind: "bad", problem: "expected a path such as /2/rsvps" } : routeOf(url);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendProblem(response, 405, `expected GET, got ${request.method}`);
    }
    if (route.kind === "stream") {
      if (request.method === "HEAD") return sendText(response, "");
      response.on("close", broadcaster.join(route.stream, httpChannel(response), route.wish));
    } else answer(route, { url: url!, response });
  });

  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    const url = addressIn(request, address);
    const route = url === undefined ? undefined : routeOf(url);
    if (route?.kind !== "stream") {
      const problem = route !== undefined && "problem" in route ? route.problem : "no stream is here";
      return void socket.end(`HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n${problem}\n`);
    }
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    upgrade(request, socket, head, (channel, whenGone) =>
      whenGone(broadcaster.join(route.stream, channel, route.wish)),
    );
  });

  function answer(
    route: Exclude<Route, { kind: "stream" }>,
    { url, response }: { url: URL; response: ServerResponse },
  ) {
    switch (route.kind) {
      case "index":
        return sendText(response, indexPage(world, address));
      case "stats":
        return sendJson(response, 200, statsOf(broadcaster));
      case "bad":
        return sendProblem(response, 400, route.problem);
      case "unknown":
        return sendProblem(response, 404, route.problem);
      case "rest": {
        const { allowed, headers } = allowance(url.searchParams.get("key") ?? "", clock.elapsed());
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        if (!allowed) return sendProblem(response, 429, "Client throttled", "throttled");
        const result = restAnswer(world, { method: route.method, url, now: broadcaster.time() });
        return "problem" in result
          ? sendProblem(response, 400, result.problem)
          : sendJson(response, 200, result.body);
      }
    }
  }

  const bound = await listen(server, { host, port });
  address = `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
  return {
    address,
    port: bound,
    close: () => closed(server, upgraded),
  };
}

/** The address that was asked for, on this server whatever the Host header says; undefined when it is none. */
function addressIn({ url = "/" }: IncomingMessage, address: string): URL | undefined {
  return url.startsWith("/") && URL.canParse(`${address}${url}`) ? new URL(`${address}${url}`) : undefined;
}

function sendText(response: ServerResponse, text: string): void {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.end(`${JSON.stringify(body)}\n`);
}

/** An error as the API told it. */
function sendProblem(response: ServerResponse, status: number, problem: string, code = "bad_request"): void {
  sendJson(response, status, { details: problem, code: status === 404 ? "not_found" : code, problem });
}

function listen(server: Server, { host, port }: ServerSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port })));
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: unknown, { host, port }: ServerSettings): ToolError {
  const code = systemCode(error);
  const facts = { host, port };
  if (code === "EADDRINUSE") {
    const message = `port ${port} of ${host} is in use; end what listens there, or take another with --port (0: the system chooses)`;
    return new ToolError("unavailable", message, { cause: error, facts });
  }
  if (code === "EACCES") {
    const message = `port ${port} may not be used by this user; take one above 1023 with --port`;
    return new ToolError("permission", message, { cause: error, facts });
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const message = `expected an address of this machine in --host, such as 127.0.0.1 or 0.0.0.0, got ${host}`;
    return new ToolError("usage", message, { cause: error, facts });
  }
  return new ToolError("unavailable", `cannot listen at ${host}, port ${port}: ${reasonOf(error)}`, {
    cause: error,
    facts,
  });
}

function closed(server: Server, upgraded: ReadonlySet<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
    }, END_MS_MAX);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
