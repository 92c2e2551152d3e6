import fastifyCors from "@fastify/cors";
import fastifyStatic from "@fastify/static";
import fastifySwagger from "@fastify/swagger";
import fastify, { type FastifyInstance } from "fastify";
import { Answers } from "./answers.ts";
import { hostGuard } from "./guards.ts";
import type { LiveStream } from "./live-stream.ts";
import { metricsOf } from "./metrics.ts";
import { problemOf, refuseSocket, refuseWithProblems, sendProblem } from "./refusals.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { recordRoutes } from "./routes/records.ts";
import { totalsRoutes } from "./routes/totals.ts";

/** Largest body of a request, bytes. */
const BODY_BYTES_MAX = 1 << 20;
/** Longest head of a request, bytes. */
const HEAD_BYTES_MAX = 16 * 1024;
/** A request must have come whole within so long, its head within so long, ms. */
const REQUEST_MS_MAX = 15_000;
const HEAD_MS_MAX = 10_000;
/** A connection without a request is kept for so long, ms. */
const IDLE_MS_MAX = 30_000;
/** Connections at once; more are closed. */
const CONNECTIONS_MAX = 1000;

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
  /** Told of errors that are nobody's but ours. */
  readonly defect: (error: Error) => void;
}

/** The HTTP API over a stream, not listening yet. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { live, refresh, keyOf, hosts, origins, defect } = options;
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: IDLE_MS_MAX,
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    onProtoPoisoning: "ignore",
    onConstructorPoisoning: "ignore",
    http: { maxHeaderSize: HEAD_BYTES_MAX, headersTimeout: HEAD_MS_MAX },
    clientErrorHandler: refuseSocket,
    frameworkErrors: (error, request, reply) => void sendProblem(reply, problemOf(error, request)),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  const answers = new Answers(live);
  const metrics = metricsOf(live, answers);
  app.addHook("onRequest", hostGuard(hosts));
  app.addHook("onResponse", (request, reply, done) => {
    metrics.answered(request.routeOptions.url ?? "none", reply.statusCode);
    done();
  });
  refuseWithProblems(app, defect);
  if (origins.length > 0)
    await app.register(fastifyCors, { origin: [...origins], methods: ["GET", "HEAD", "POST"] });
  await describe(app, options.version);
  await app.register(async (data) => {
    data.addHook("preHandler", (_, __, done) => {
      const wait = refresh?.();
      if (wait === undefined) done();
      else wait.then(() => done(), done);
    });
    totalsRoutes(data, { live, answers, keyOf });
    recordRoutes(data, live);
    healthRoutes(data, live, metrics);
  });
  await app.register(async (streams) => eventRoutes(streams, live));
  await servePage(app, options.page);
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
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
}

/** `/vis` and what belongs to it; `/` leads there. */
async function servePage(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, prefix: "/vis/", index: false, cacheControl: false });
  app.get("/vis", { schema: { summary: "The live page", produces: ["text/html"] } }, (_, reply) =>
    reply.sendFile("index.html"),
  );
  app.get("/", { schema: { hide: true } }, (_, reply) => reply.redirect("/vis"));
}
