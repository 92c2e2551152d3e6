import assert from "node:assert/strict";
import { test } from "node:test";
import fastify from "fastify";
import { PARAMETERS } from "../../src/api/parameters.ts";
import { PROBLEMS } from "../../src/api/problems.ts";
import { appOf, ask, handFed } from "./setting.ts";

interface Schema {
  readonly [keyword: string]: unknown;
}
interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
    readonly description?: string;
  }[];
  readonly responses?: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly schema: Schema; readonly example?: object }>> }
    >
  >;
}
interface Description {
  readonly openapi: string;
  readonly info: { readonly version: string; readonly title: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const { live, feed } = handFed();
feed();
const app = await appOf(live);
const description = (await ask(app, "/openapi.json")).json<Description>();
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

/** Addresses that lead to others, and the description itself. */
const HIDDEN = ["/", "/openapi.json"];
/** The page's files. */
const isHidden = (url: string) => HIDDEN.includes(url) || url.startsWith("/vis/");

test("it is OpenAPI 3.1 of this version", () =>
  assert.deepEqual(
    [description.openapi, description.info.version, description.info.title],
    ["3.1.0", "1.2.3", "rsvpulse"],
  ));

test("it lists every route that there is, and no other", () => {
  const listed = operations.map(({ path, method }) => `${method} ${path}`);
  const candidates = [
    ...new Set([
      ...Object.keys(description.paths),
      ...HIDDEN,
      ...routesOf(app.printRoutes({ commonPrefix: false })),
    ]),
  ];
  const there = candidates.flatMap((url) =>
    (["GET", "POST", "PUT", "PATCH", "DELETE"] as const)
      .filter((method) => app.hasRoute({ method, url }))
      .map((method) => `${method} ${url}`),
  );
  assert.deepEqual(listed.sort(), there.filter((route) => !isHidden(route.split(" ")[1]!)).sort());
  assert.ok(listed.length >= 13);
});

/** The addresses in the tree that Fastify draws. */
function routesOf(tree: string): string[] {
  const trail: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent, segment] = /^((?:│ {3}| {4})*)(?:├── |└── )(\S+)/.exec(line) ?? [];
    if (segment === undefined) return [];
    trail.splice(indent!.length / 4);
    trail.push(segment);
    return [trail.join("")];
  });
}

test("each says what it gives, and takes the parameters that the checks go by", () => {
  for (const { path, method, operation } of operations) {
    assert.ok((operation.summary ?? "").length > 10, `${method} ${path}`);
    for (const { name, in: place, schema, description: words } of operation.parameters ?? []) {
      assert.equal(place, "query");
      assert.ok(Object.hasOwn(PARAMETERS, name), name);
      assert.ok((words ?? schema["description"]) !== undefined, `${path} ${name} is described`);
    }
  }
});

test("a parameter that is not in it is refused, so the list is whole", async () => {
  for (const { path, method } of operations) {
    const response = await ask(app, `${path}?nosuch=1`, {
      method: method as "GET",
      ...(method === "POST" ? { payload: { key: "CA" } } : {}),
    });
    // The page's script reads the address of the page.
    assert.equal(response.statusCode, path === "/vis" ? 200 : 400, `${method} ${path}`);
  }
});

/** What has to be asked so that there is something to compare. */
const QUESTIONS: Readonly<Record<string, string>> = { "/probability": "?key=CA" };
/** Their fields are the stream's own. */
const OWN_FIELDS = ["/histogram"];

test("every example is valid by its schema, and what the route gives has the same fields", async () => {
  let examples = 0;
  for (const { path, method, operation } of operations) {
    for (const [type, { schema }] of Object.entries(operation.responses?.["200"]?.content ?? {})) {
      if (!type.includes("json") || method !== "GET") continue;
      const [example] = schema["examples"] as readonly object[];
      const validator = fastify({ ajv: { customOptions: { strict: false, coerceTypes: false } } });
      validator.post("/", { schema: { body: schema } }, () => "valid");
      const given = (await ask(app, `${path}${QUESTIONS[path] ?? ""}`)).json<object>();
      for (const value of [given, example!]) {
        const { body } = await validator.inject({ url: "/", method: "POST", payload: value });
        assert.equal(body, "valid", `${path}: ${JSON.stringify(value)}`);
      }
      const wrong = await validator.inject({
        url: "/",
        method: "POST",
        payload: Object.fromEntries([
          ["t", "x"],
          ["CA", "x"],
          ["key", 7],
        ]),
      });
      assert.notEqual(wrong.body, "valid", `${path}: its schema says something`);
      examples++;
      if (OWN_FIELDS.includes(path) || Array.isArray(example)) continue;
      const [shown, there] = [Object.keys(example!), Object.keys(given)];
      assert.deepEqual(
        there.filter((name) => !shown.includes(name)),
        [],
        path,
      );
    }
  }
  assert.ok(examples >= 9, `${examples}`);
});

test("each says that errors are problem documents, and lists all of them", () => {
  for (const { path, operation } of operations) {
    const schema = operation.responses?.["default"]?.content?.["application/problem+json"]?.schema ?? {};
    const { type, status } = schema["properties"] as Record<
      "type" | "status",
      { readonly enum: readonly unknown[] }
    >;
    assert.deepEqual(
      type.enum,
      Object.keys(PROBLEMS).map((kind) => `urn:rsvpulse:problem:${kind}`),
      path,
    );
    assert.deepEqual(new Set(status.enum), new Set(Object.values(PROBLEMS).map((problem) => problem.status)));
  }
});
