import fastifyCors from "@fastify/cors";
import fastifySwagger from "@fastify/swagger";
import fastify, { type FastifyInstance } from "fastify";
import { Answers } from "./answers.ts";
import { Bodies } from "./bodies.ts";
import { Crowd } from "./crowd.ts";
import { hostGuard } from "./guards.ts";
import type { LiveStream } from "./live-stream.ts";
import { metricsOf } from "./metrics.ts";
import { pageRoutes } from "./page-files.ts";
import { problemOf, refuseSocket, refuseWithProblems, sendProblem } from "./refusals.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { JSON_TYPE } from "./routes/json.ts";
import { recordRoutes } from "./routes/records.ts";
import { totalsRoutes } from "./routes/totals.ts";

/** Largest body of a request, bytes. */
const BODY_BYTES_MAX = 1 << 20;
/** Longest head of a request, bytes. */
const HEAD_BYTES_MAX = 16 * 1024;
/** How long clients may take, ms. */
export interface Patience {
  /** Until a request has come whole, and its head. */
  readonly request: number;
  readonly head: number;
  /** Without a request, for a connection that had one. */
  readonly idle: number;
  /** Without taking anything of its answer; who listens to /events is told something each 5 s. */
  readonly listener: number;
}
const PATIENCE: Patience = { request: 15_000, head: 10_000, idle: 30_000, listener: 60_000 };
/** How often it is looked whether a request took too long, ms at most. */
const LOOK_MS = 1000;
/** Connections at once; more are closed. */
const CONNECTIONS_MAX = 500;

export interface AppOptions {
  readonly live: LiveStream;
  /** Brings the stream up to date where that is due; never rejects. undefined: it always is. */
  readonly refresh?: (() => Promise<void> | undefined) | undefined;
  /** The category of a message; null where it has none. */
  readonly keyOf: (message: object) => string | null;
  /** Names that Host may have besides addresses and localhost. */
  readonly hosts: readonly string[];
  /** Origins whose pages may read the answers. */
  readonly origins: readonly string[];
  /** The folder of the page's files. */
  readonly page: string;
  readonly version: string;
  readonly patience?: Patience;
  /** Told of errors that are nobody's but ours. */
  readonly defect: (error: Error) => void;
}

/** The HTTP API over a stream, not listening yet. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { live, refresh, keyOf, hosts, origins, defect, patience = PATIENCE } = options;
  const crowd = new Crowd();
  const app = bareApp(patience, crowd);
  const bodies = new Bodies(live);
  const answers = new Answers(live);
  const metrics = metricsOf(live, answers);
  crowd.watch(app);
  app.addHook("onRequest", hostGuard(hosts));
  app.addHook("onResponse", (request, reply, done) => {
    metrics.answered(request.routeOptions.url ?? "none", reply.statusCode);
    done();
  });
  refuseWithProblems(app, defect);
  if (origins.length > 0) {
    // A strict one would answer in plain text.
    const preflight = { methods: ["GET", "HEAD", "POST"], strictPreflight: false };
    await app.register(fastifyCors, { origin: [...origins], ...preflight });
  }
  await describe(app, options.version);
  await app.register(async (data) => {
    data.addHook("preHandler", (_, __, done) => {
      const wait = refresh?.();
      if (wait === undefined) done();
      else wait.then(() => done(), done);
    });
    totalsRoutes(data, { live, answers, bodies, keyOf });
    recordRoutes(data, live, bodies);
    healthRoutes(data, live, metrics);
  });
  await app.register(async (streams) => eventRoutes(streams, live, patience.listener));
  await app.register(async (page) => pageRoutes(page, options.page));
  return app;
}

/** A server with limits on all that a client could have too much of. */
function bareApp(patience: Patience, crowd: Crowd): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.idle,
    connectionTimeout: patience.listener,
    exposeHeadRoutes: true,
    onProtoPoisoning: "ignore",
    onConstructorPoisoning: "ignore",
    http: {
      maxHeaderSize: HEAD_BYTES_MAX,
      headersTimeout: patience.head,
      connectionsCheckingInterval: Math.min(LOOK_MS, patience.head),
      // The guard refuses what has none, with a problem document as all else.
      requireHostHeader: false,
    },
    clientErrorHandler: (error, socket) => refuseSocket(error, socket, crowd.isAnswering(socket)),
    frameworkErrors: (error, request, reply) => void sendProblem(reply, problemOf(error, request)),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  // node would refuse it by itself, without our headers; RFC 9110, 10.1.1, lets it be ignored.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  // Fastify takes text too.
  app.removeContentTypeParser("text/plain");
  // Fastify ends connections only of a server that it let listen itself, and node times none out once it closes: one
  // that has sent half a request would keep it open for ever. A turn later, so that what was written goes out.
  app.addHook("preClose", (done) => {
    setImmediate(() => app.server.closeAllConnections());
    done();
  });
  return app;
}

/** `/openapi.json` of all that is registered after this. */
async function describe(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "rsvpulse",
        version,
        description:
          "A stream of events as a story: how fast they come, where they come from, what is out of the ordinary. Errors are problem documents (RFC 9457).",
      },
    },
  });
  let description: Buffer | undefined;
  app.get("/openapi.json", { schema: { hide: true } }, (_, reply) => {
    description ??= Buffer.from(JSON.stringify(app.swagger()));
    reply.type(JSON_TYPE).send(description);
  });
}
