import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { reasonOf, systemCode, ToolError } from "../core/errors.ts";
import { answers } from "./answers.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { httpChannel } from "./http-channel.ts";
import { type Route, routeOf } from "./requests.ts";
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
  const answer = answers(world, broadcaster, clock);
  const upgraded = new Set<Duplex>();
  let address = "";

  server.on("request", (request, response) => {
    const { url, route } = targetOf(request, address);
    if (request.method !== "GET" && request.method !== "HEAD") answer.refuseMethod(request, response);
    else if (route.kind !== "stream") answer.answer(route, { url, response });
    else if (request.method === "HEAD") response.end();
    else response.on("close", broadcaster.join(route.stream, httpChannel(response), route.wish));
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    const { route } = targetOf(request, address);
    if (route.kind !== "stream") {
      return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\nno stream is here\n");
    }
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    upgrade(request, socket, head, (channel, whenGone) =>
      whenGone(broadcaster.join(route.stream, channel, route.wish)),
    );
  });

  const bound = await listen(server, { host, port });
  address = `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
  return {
    address,
    port: bound,
    close: () => closed(server, upgraded),
  };
}

/** What was asked for, on this server whatever the Host header says. */
function targetOf({ url: target = "/" }: IncomingMessage, address: string): { url: URL; route: Route } {
  if (target.startsWith("/") && URL.canParse(`${address}${target}`)) {
    const url = new URL(`${address}${target}`);
    return { url, route: routeOf(url) };
  }
  return { url: new URL(address), route: { kind: "bad", problem: "expected a path such as /2/rsvps" } };
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
