import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { addressOf, type ListenAt, listen } from "../core/listen.ts";
import { answers } from "./answers.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { eventChannel } from "./event-channel.ts";
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

/** Serves a world over HTTP and WebSocket. @throws ToolError (unavailable, permission, usage) when it cannot listen. */
export async function serve(
  world: World,
  broadcaster: Broadcaster,
  { host, port, clock }: ListenAt & { readonly clock: Clock },
): Promise<RunningServer> {
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX });
  const upgrade = await webSocketUpgrade();
  const answer = answers(world, broadcaster, clock);
  const upgraded = new Set<Duplex>();
  let address = "";

  const { start } = world.settings;
  const target = (request: IncomingMessage) => targetOf(request, { address, start });

  server.on("request", (request, response) => {
    const { url, route } = target(request);
    if (request.method !== "GET" && request.method !== "HEAD") answer.refuseMethod(request, response);
    else if (route.kind !== "stream") answer.answer(route, { url, response });
    else if (route.transport === "socket") answer.askForSocket(response);
    else if (request.method === "HEAD") response.end();
    else {
      const { stream, wish, transport, shape } = route;
      const channel =
        transport === "events" ? eventChannel(response, { start, shape }) : httpChannel(response);
      response.on("close", broadcaster.join(stream, channel, wish));
    }
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    const { route } = target(request);
    if (route.kind !== "stream" || route.transport === "events") {
      return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\nno stream is here\n");
    }
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    upgrade({ request, socket, head, shape: route.shape }, (channel, whenGone) =>
      whenGone(broadcaster.join(route.stream, channel, route.wish)),
    );
  });

  const bound = await listen(server, { host, port });
  address = addressOf({ host, port: bound });
  return {
    address,
    port: bound,
    close: () => closed(server, upgraded),
  };
}

/** What was asked for, on this server whatever the Host header says. */
function targetOf(
  { url: target = "/", headers }: IncomingMessage,
  { address, start }: { readonly address: string; readonly start: number },
): { url: URL; route: Route } {
  if (target.startsWith("/") && URL.canParse(`${address}${target}`)) {
    const url = new URL(`${address}${target}`);
    const id = headers["last-event-id"];
    return { url, route: routeOf(url, { start, lastEventId: typeof id === "string" ? id : undefined }) };
  }
  return { url: new URL(address), route: { kind: "bad", problem: "expected a path such as /2/rsvps" } };
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
