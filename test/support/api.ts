import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { after } from "node:test";
import { type RunningTool, type RunOptions, startTool } from "./run-tool.ts";
import { scratchFolder } from "./scratch.ts";
import { type EventListener, listenTo } from "./sse.ts";
import { until } from "./until.ts";

/** An answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** The body, read as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it is what it tests.
  readonly json: () => any;
}

/** `bin/api` that listens. */
export interface RunningApi extends RunningTool {
  readonly url: string;
  readonly port: number;
  /** The file that tells the port. */
  readonly portFile: string;
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body: object): Promise<ApiAnswer>;
  listen(lastId?: string): Promise<EventListener>;
}

const folder = scratchFolder();
const agent = new Agent({ keepAlive: true });
after(() => agent.destroy());
let started = 0;

/** Starts `bin/api` on a port that the system chooses, and waits until it answers; it ends with the tests at the latest. */
export async function startApi(args: readonly string[], options: RunOptions = {}): Promise<RunningApi> {
  const portFile = `${folder}/port-${++started}`;
  const tool = startTool("api", ["--port", "0", "--port-file", portFile, ...args], options);
  let outcome: string | undefined;
  void tool.ended.then(({ code, err }) => {
    outcome = `${code}: ${err}`;
  });
  after(() => tool.child.kill("SIGKILL"));
  const port = await until("api listens", () => {
    if (outcome !== undefined) throw new Error(`api ended with ${outcome}`);
    return portIn(portFile);
  });
  const url = `http://127.0.0.1:${port}`;
  const api: RunningApi = {
    ...tool,
    ...{ url, port, portFile },
    get: (path) => ask(`${url}${path}`, undefined),
    post: (path, body) => ask(`${url}${path}`, JSON.stringify(body)),
    listen: (lastId) => listenTo(`${url}/events`, { lastId }),
  };
  await until("api answers", async () => (await api.get("/healthz")).status > 0);
  return api;
}

/** The port that a file tells; undefined before it does. */
export function portIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param body JSON to post; undefined: it is a GET. */
function ask(url: string, body: string | undefined): Promise<ApiAnswer> {
  const post = { method: "POST", headers: { "content-type": "application/json" } };
  return new Promise((resolve, reject) => {
    const sending = request(url, { agent, ...(body === undefined ? {} : post) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode, headers } = response;
        resolve({ status: statusCode!, headers, body: text, json: () => JSON.parse(text) });
      });
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

/** Asks for a path until the answer is as it should be. */
export const answered = (
  what: string,
  api: Pick<RunningApi, "get">,
  path: string,
  condition: (answer: ApiAnswer) => boolean,
): Promise<ApiAnswer> =>
  until(what, async () => {
    const answer = await api.get(path);
    return condition(answer) && answer;
  });
