import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../core/clock.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { indexPage, statsOf } from "./pages.ts";
import type { Route } from "./requests.ts";
import { restAnswer } from "./rest.ts";
import { throttle } from "./throttle.ts";
import type { World } from "./world.ts";

/** A request that is answered at once, with all that it asks for. */
export interface Asked {
  readonly url: URL;
  readonly response: ServerResponse;
}

export interface Answers {
  answer(route: Exclude<Route, { kind: "stream" }>, asked: Asked): void;
  refuseMethod(request: IncomingMessage, response: ServerResponse): void;
  /** The stream is had by WebSocket only. */
  askForSocket(response: ServerResponse): void;
}

/** Answers whatever is no stream. Holds the request counts of up to 1000 keys. */
export function answers(world: World, broadcaster: Broadcaster, clock: Clock): Answers {
  const allowance = throttle();

  function answerRest(method: "members" | "groups", { url, response }: Asked): void {
    const { allowed, headers } = allowance(url.searchParams.get("key") ?? "", clock.elapsed());
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (!allowed) {
      sendProblem(response, { status: 429, code: "throttled", problem: "Client throttled" });
      return;
    }
    const result = restAnswer(world, { method, url, now: broadcaster.time() });
    if ("body" in result) sendJson(response, 200, result.body);
    else sendProblem(response, { status: 400, code: "bad_request", problem: result.problem });
  }

  return {
    answer(route, asked) {
      const { response, url } = asked;
      switch (route.kind) {
        case "index":
          response.setHeader("content-type", "text/plain; charset=utf-8");
          return void response.end(indexPage(world, url.origin));
        case "stats":
          return sendJson(response, 200, statsOf(broadcaster));
        case "rest":
          return answerRest(route.method, asked);
        case "bad":
          return sendProblem(response, { status: 400, code: "bad_request", problem: route.problem });
        case "unknown":
          return sendProblem(response, { status: 404, code: "not_found", problem: route.problem });
      }
    },
    refuseMethod({ method }, response) {
      response.setHeader("allow", "GET, HEAD");
      sendProblem(response, { status: 405, code: "bad_request", problem: `expected GET, got ${method}` });
    },
    askForSocket(response) {
      response.setHeader("upgrade", "websocket");
      sendProblem(response, { status: 426, code: "bad_request", problem: "expected a WebSocket" });
    },
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.end(`${JSON.stringify(body)}\n`);
}

/** An error in the API's form. */
function sendProblem(
  response: ServerResponse,
  { status, code, problem }: { status: number; code: string; problem: string },
): void {
  sendJson(response, status, { details: problem, code, problem });
}
