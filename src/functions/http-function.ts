import type { HttpFunction, Request, Response } from "@google-cloud/functions-framework";
import { type Facts, reasonOf, ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { problemOf, RequestProblem, withoutSecrets } from "./problems.ts";

/** Most that a request's body may hold, bytes. */
const BODY_BYTES_MAX = 10 * 2 ** 20;

/** A request as a handler sees it. */
export interface FunctionRequest {
  /** A parameter of the query. @throws RequestProblem (400) when it is missing, empty or there twice. */
  parameter(name: string): string;
  /** The same, or undefined where it is missing or empty. */
  optionalParameter(name: string): string | undefined;
  /** The body, byte for byte; empty where there is none. */
  readonly body: Buffer;
}

/** What a handler answers with: a status of success and an object that is sent as JSON. */
export interface FunctionAnswer {
  readonly status: 200 | 201;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Handler = (request: FunctionRequest) => Promise<FunctionAnswer>;

export interface HttpFunctionOptions {
  readonly log: Log;
  readonly methods: readonly string[];
  /** Parameters of the query that are secrets: their values are in no answer and no log. */
  readonly secretParameters?: readonly string[];
  /** Other values that are in no answer and no log. */
  readonly secrets?: () => readonly (string | undefined)[];
}

/**
 * A handler as an HTTP function: checks method and size, unwraps the request, and answers with JSON; failures with a
 * problem document (RFC 9457) whose status says whose turn it is, and a log record. No stack is ever sent.
 */
export function httpFunction(handle: Handler, options: HttpFunctionOptions): HttpFunction {
  const { log, methods, secretParameters = [], secrets = () => [] } = options;
  return async (request, response) => {
    const hidden = [...secrets(), ...secretParameters.flatMap((name) => valuesOf(request, name))];
    try {
      const { status, body } = await handle(await unwrapped(request, methods));
      send(response, status, "application/json", body);
    } catch (error) {
      const problem = problemOf(error);
      const clean = (text: string) => withoutSecrets(text, hidden);
      logFailure(log, error, { problem, clean });
      response.set(problem.headers);
      const document = { type: "about:blank", status: problem.status, detail: clean(problem.message) };
      send(response, problem.status, "application/problem+json", document);
    }
  };
}

async function unwrapped(request: Request, methods: readonly string[]): Promise<FunctionRequest> {
  if (!methods.includes(request.method)) {
    const allow = methods.join(", ");
    throw new RequestProblem(405, `expected ${allow}, got ${request.method}`, { allow });
  }
  const body = await bodyOf(request);
  const optionalParameter = (name: string): string | undefined => {
    const values = valuesOf(request, name);
    if (values.length > 1)
      throw new RequestProblem(400, `expected the parameter ${name} once, got it ${values.length} times`);
    const value = values[0]?.trim();
    return value === "" ? undefined : value;
  };
  return {
    body,
    optionalParameter,
    parameter(name) {
      const value = optionalParameter(name);
      if (value === undefined)
        throw new RequestProblem(400, `the parameter ${name} is missing: add ?${name}=…`);
      return value;
    },
  };
}

/** @throws RequestProblem (413) */
async function bodyOf(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = request.rawBody === undefined ? [] : [request.rawBody];
  let size = request.rawBody?.length ?? 0;
  // The framework leaves a body unread that does not say what type it has. What is too much is read and not kept.
  if (request.rawBody === undefined) {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size <= BODY_BYTES_MAX) chunks.push(chunk as Buffer);
    }
  }
  if (size <= BODY_BYTES_MAX) return Buffer.concat(chunks);
  throw new RequestProblem(413, `expected a body of at most ${BODY_BYTES_MAX} bytes, got ${size}`);
}

/** The query as it was sent: Express makes objects of names with brackets. */
function valuesOf(request: Request, name: string): string[] {
  const at = request.originalUrl.indexOf("?");
  return at < 0 ? [] : new URLSearchParams(request.originalUrl.slice(at)).getAll(name);
}

function send(
  response: Response,
  status: number,
  type: string,
  body: Readonly<Record<string, unknown>>,
): void {
  response
    .status(status)
    .set({ "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" })
    .send(JSON.stringify(body));
}

interface Told {
  readonly problem: RequestProblem;
  readonly clean: (text: string) => string;
}

/** What a caller did wrong is a warning; a defect brings its stack. */
function logFailure(log: Log, error: unknown, { problem, clean }: Told): void {
  const { status } = problem;
  if (error instanceof RequestProblem) {
    log.warning(clean(error.message), { status });
    return;
  }
  const facts: Facts = error instanceof ToolError ? { kind: error.kind } : { stack: stackOf(error, clean) };
  log.write(status === 400 ? "WARNING" : "ERROR", clean(reasonOf(error)), { ...facts, status });
}

const stackOf = (error: unknown, clean: (text: string) => string): string =>
  clean(error instanceof Error ? (error.stack ?? String(error)) : String(error));
