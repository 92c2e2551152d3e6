import { readFileSync } from "node:fs";
import { type RunningTool, startTool } from "./run-tool.ts";
import { scratchFolder } from "./scratch.ts";
import { until } from "./until.ts";

const folder = scratchFolder();
let started = 0;

/** A made-up stream of RSVPs on this machine, and its address. */
export interface Simulated {
  readonly url: string;
  readonly tool: RunningTool;
}

/** Starts simulate with a story, at 40 RSVPs a second, and waits until it listens. */
export async function simulated(story: string, options: readonly string[] = []): Promise<Simulated> {
  const portFile = `${folder}/port-${++started}`;
  const place = ["--port", "0", "--port-file", portFile];
  const tool = startTool("simulate", [...place, "--rate", "40", "--story", story, ...options]);
  const port = await until("simulate listens", () => {
    try {
      return readFileSync(portFile, "utf8").trim();
    } catch {
      return undefined;
    }
  });
  return { url: `http://127.0.0.1:${port}/2/rsvps`, tool };
}
