import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after } from "node:test";
import { type HttpFunction, http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { ROOT, type RunningTool, startCommand } from "./run-tool.ts";
import { until } from "./until.ts";

/** A function under the framework's own server, in this process, on a socket. Closed after the tests. */
export async function serveFunction(name: string, handler: HttpFunction): Promise<string> {
  http(name, handler);
  const server = getTestServer(name);
  after(() => closed(server));
  return `http://127.0.0.1:${await listening(server)}/`;
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** The framework takes no port of the system's choice: one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await closed(server);
  return port;
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });

export interface DeployedFunction {
  readonly url: string;
  readonly process: RunningTool;
}

/** A function as it is deployed: the built folder, under the framework's executable. Ended after the tests. */
export async function deployFunction(
  target: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<DeployedFunction> {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const process = startCommand(
    `${ROOT}/node_modules/.bin/functions-framework`,
    [`--target=${target}`, `--source=${ROOT}/dist/functions`, `--port=${new URL(url).port}`],
    { env },
  );
  after(() => process.child.kill());
  const { port } = new URL(url);
  await until(
    `${target} listens`,
    async () => process.child.exitCode !== null || (await isListening(Number(port))),
  );
  return { url, process };
}
