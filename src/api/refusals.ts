import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { didYouMean } from "../core/suggest.ts";
import { SECURITY_HEADERS } from "./guards.ts";
import { faultWords, type SchemaFault } from "./parameters.ts";
import { ApiProblem, type ProblemKind } from "./problems.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Fastify's errors, and what they are here; in the words of the problem, for Fastify's speak of code. */
const KINDS: Readonly<Record<string, readonly [ProblemKind, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["body-too-large", "expected a body of at most 1 MiB"],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["not-json", "expected Content-Type: application/json"],
  FST_ERR_CTP_INVALID_JSON_BODY: ["bad-body", "expected JSON in the body"],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["bad-body", "expected a JSON object in the body, got nothing"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["bad-body", "expected a body as long as Content-Length says"],
  FST_ERR_BAD_URL: ["bad-request", "expected an address that can be decoded"],
};

/** Node's errors of what is not even a request, and what they are here. */
const SOCKET_KINDS: Readonly<Record<string, readonly [ProblemKind, string]>> = {
  HPE_HEADER_OVERFLOW: ["head-too-large", "expected an address and headers of at most 16 KiB together"],
  ERR_HTTP_REQUEST_TIMEOUT: ["too-slow", "expected the whole request sooner"],
};

/** Answers everything that goes wrong with problem documents. @param defect is told of errors of ours. */
export function refuseWithProblems(app: FastifyInstance, defect: (error: Error) => void): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error, request);
    if (problem.kind === "defect") defect(error);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(reply, missing(app, request)));
}

export function sendProblem(reply: FastifyReply, problem: ApiProblem): FastifyReply {
  return (
    reply
      .code(problem.status)
      // Of an address that cannot be decoded no hook has set them.
      .headers(SECURITY_HEADERS)
      .headers(problem.headers)
      .type("application/problem+json")
      .send(JSON.stringify(problem.document()))
  );
}

/** What cannot be read as HTTP at all. @param isAnswering an answer may be half written, which another would garble. */
export function refuseSocket(
  error: Error & { readonly code?: string },
  socket: Socket,
  isAnswering: boolean,
): void {
  if (error.code === "ECONNRESET" || !socket.writable || isAnswering) return void socket.destroy();
  const problem = new ApiProblem(...(SOCKET_KINDS[error.code ?? ""] ?? ["bad-request", "expected HTTP/1.1"]));
  const body = JSON.stringify(problem.document());
  const headers = { "content-type": "application/problem+json", connection: "close", ...SECURITY_HEADERS };
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) });
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
  );
}

export function problemOf(error: FastifyError, request: FastifyRequest): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error.validation !== undefined) {
    if (error.validationContext === "body")
      return new ApiProblem("bad-body", "expected a JSON object in the body");
    const schema = request.routeOptions.schema?.querystring as { properties?: object } | undefined;
    return faultWords(error.validation as readonly SchemaFault[], Object.keys(schema?.properties ?? {}));
  }
  const known = KINDS[error.code];
  if (known !== undefined) return new ApiProblem(...known);
  const status = error.statusCode ?? 500;
  // What a client can cause is no defect, whatever it is called.
  if (status >= 400 && status < 500) return new ApiProblem("bad-request", "expected another request");
  return new ApiProblem("defect", "something went wrong here; the log has the details");
}

/** No such address, or not with this method. */
function missing(app: FastifyInstance, request: FastifyRequest): ApiProblem {
  const path = request.url.split("?", 1)[0]!;
  const methods = METHODS.filter((method) => app.findRoute({ method, url: path }) !== null);
  // A route whose file is missing is there, but what is asked for is not.
  if (methods.length > 0 && !methods.some((method) => method === request.method)) {
    return new ApiProblem("method-not-allowed", `${path} takes ${methods.join(", ")}`, {
      allow: methods.join(", "),
    });
  }
  const near = path.length > 40 ? "" : didYouMean(path, PATHS);
  return new ApiProblem("not-found", `nothing is at this address${near}; /openapi.json lists what there is`);
}

const PATHS = [
  ...[
    "/histogram",
    "/entropy",
    "/rate",
    "/probability",
    "/stats",
    "/history",
    "/shares",
    "/alerts",
    "/events",
  ],
  ...["/healthz", "/metrics", "/vis", "/openapi.json"],
];
