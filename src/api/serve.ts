import { Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import { addressOf, listen, parsePort } from "../core/listen.ts";
import { parseNames } from "../core/lists.ts";
import type { Log } from "../core/log.ts";
import { portFile } from "../core/port-file.ts";
import type { AppOptions } from "./app.ts";
import { isOwnHost } from "./guards.ts";

/** Where the API is served, and to whom. */
export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly portFile?: string | undefined;
  readonly allowHost?: readonly string[] | undefined;
  readonly cors?: readonly string[] | undefined;
}

/** `--port`. */
export const portOption = () =>
  new Option("--port <port>", "listen at this port; 0: the system chooses")
    .argParser(parsePort)
    .default(8000);

/** `--host`. */
export const hostOption = () =>
  new Option("--host <address>", "listen at this address of the machine; 0.0.0.0: at all").default(
    "127.0.0.1",
  );

/** `--port-file`. */
export const portFileOption = () =>
  new Option("--port-file <file>", "write the port to FILE once it listens; removed at the end");

/** `--allow-host`. */
export const allowHostOption = () =>
  new Option(
    "--allow-host <names>",
    "names that the server may be asked by, besides addresses and localhost",
  ).argParser(parseHosts);

/** `--cors`. */
export const corsOption = () =>
  new Option("--cors <origins>", "origins whose pages may read the answers (default: none)").argParser(
    parseOrigins,
  );

/** Serves until `until` resolves; what is open then is ended. @throws ToolError when it cannot listen; what `until` throws. */
export async function serveUntil(
  { port, host, portFile: path, allowHost = [], cors = [] }: ServeOptions,
  app: Omit<AppOptions, "hosts" | "origins" | "defect">,
  { log, until }: { readonly log: Log; readonly until: () => Promise<void> },
): Promise<void> {
  const told = portFile(path);
  // It is half a megabyte of code, which --help needs none of.
  const { buildApp } = await import("./app.ts");
  const built = await buildApp({
    ...app,
    hosts: [host, ...allowHost],
    origins: cors,
    defect: (error) =>
      log.error(`defect: ${error.message}; please report it with this stack: ${error.stack}`),
  });
  await built.ready();
  try {
    const bound = await listen(built.server, { host, port });
    told.tell(bound);
    const address = addressOf({ host, port: bound });
    log.notice(`the page is at ${address}/vis`, { port: bound, url: address });
    await until();
  } finally {
    told.remove();
    await built.close();
  }
}

/** @throws ToolError (usage) */
function parseHosts(text: string, before: readonly string[] | undefined): readonly string[] {
  const names = parseNames(text, before);
  const wrong = names.find((name) => !isOwnHost(name, new Set([name.toLowerCase()])) || name.includes(":"));
  if (wrong === undefined) return names;
  throw new ToolError("usage", `expected names of hosts without port, got ${JSON.stringify(wrong)}`);
}

/** @throws ToolError (usage) */
function parseOrigins(text: string, before: readonly string[] | undefined): readonly string[] {
  const origins = parseNames(text, before);
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong === undefined) return origins;
  throw new ToolError("usage", `expected origins such as https://example.org, got ${JSON.stringify(wrong)}`);
}
