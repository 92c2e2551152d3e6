import { readFileSync, rmSync } from "node:fs";
import { after } from "node:test";
import { CALM, MadeStream, type Mix } from "./made-stream.ts";
import { type RunningTool, startTool } from "./run-tool.ts";
import { scratchFolder } from "./scratch.ts";
import { until } from "./until.ts";

const folder = scratchFolder();
let started = 0;

/** An API on standard input, and the stream that it is fed. */
export interface ServedStream {
  readonly url: string;
  readonly port: number;
  readonly tool: RunningTool;
  /** Writes lines at once. */
  write(lines: string): void;
  readonly made: MadeStream;
  /** From now on a second of this mix is written each second. */
  goOn(mix: Mix): void;
  /** What the API answers; undefined while it answers an error. */
  ask<T>(path: string): Promise<T | undefined>;
  /** Stops writing, and the API. */
  stop(): Promise<void>;
}

/** Starts `api --stdin` on a port, and waits until it listens. */
export async function servedStream({ port = 0, past = 0 } = {}): Promise<ServedStream> {
  const portFile = `${folder}/api-port-${++started}`;
  rmSync(portFile, { force: true });
  const place = ["--port", String(port), "--port-file", portFile];
  const tool = startTool("api", ["--stdin", "--source", "meetup-rsvps", ...place]);
  const own = Number(
    await until("the API listens", () => {
      try {
        return readFileSync(portFile, "utf8").trim();
      } catch {
        return undefined;
      }
    }),
  );
  const url = `http://127.0.0.1:${own}`;
  const made = new MadeStream(past);
  const write = (lines: string) => void tool.child.stdin.write(lines);
  let timer: NodeJS.Timeout | undefined;
  const stop = async () => {
    clearInterval(timer);
    tool.child.kill("SIGTERM");
    await tool.ended;
  };
  after(stop);
  if (past > 0) write(made.seconds(past, CALM));
  return {
    ...{ url, port: own, tool, write, made, stop },
    goOn(mix) {
      clearInterval(timer);
      write(made.seconds(1, mix));
      timer = setInterval(() => write(made.seconds(1, mix)), 1000);
    },
    async ask<T>(path: string) {
      const response = await fetch(`${url}/${path}`);
      return response.ok ? ((await response.json()) as T) : undefined;
    },
  };
}
