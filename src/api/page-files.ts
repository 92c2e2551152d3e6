import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import { ApiProblem } from "./problems.ts";
import { textAnswers } from "./schemas.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
};
const INDEX = "index.html";

/**
 * `/vis` and the few files that belong to it, read once: a request costs no file, and all share the same bytes. `/` leads
 * there. A folder that is not there, before it is built, has no page.
 */
export function pageRoutes(app: FastifyInstance, folder: string): void {
  const files = filesIn(folder);
  const summary = "The live page";
  app.get("/vis", { schema: { summary, ...textAnswers(summary, "text/html") } }, (_, reply) => {
    const page = files.get(INDEX);
    if (page === undefined) throw new ApiProblem("not-found", "the page is not built; run scripts/setup.sh");
    reply.type(TYPES[".html"]!).header("cache-control", "no-cache").send(page);
  });
  for (const [name, bytes] of files) {
    app.get(`/vis/${name}`, { schema: { hide: true } }, (_, reply) => {
      reply.type(TYPES[extname(name)]!).header("cache-control", "no-cache").send(bytes);
    });
  }
  for (const url of ["/", "/vis/"]) {
    app.get(url, { schema: { hide: true } }, (_, reply) => reply.redirect("/vis", 308));
  }
}

function filesIn(folder: string): ReadonlyMap<string, Buffer> {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return new Map();
  }
  const known = names.filter((name) => TYPES[extname(name)] !== undefined);
  return new Map(known.map((name) => [name, readFileSync(join(folder, name))]));
}
