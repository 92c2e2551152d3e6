import { readFileSync, writeFileSync } from "node:fs";
import { after } from "node:test";
import { STREAM_NAMES, type StreamName } from "../../src/simulate/world.ts";
import { type RunningTool, type RunOptions, startTool } from "./run-tool.ts";
import { until } from "./until.ts";

/** simulate's streams, as the catalogue calls them. */
export const sourceOf = (name: StreamName): string => `meetup-${name.replace("_", "-")}`;

/** Starts simulate in a folder, and waits until it listens. */
export async function startSimulate(
  folder: string,
  args: readonly string[],
): Promise<{ readonly tool: RunningTool; readonly url: string }> {
  const portFile = `${folder}/port`;
  const tool = ended(startTool("simulate", ["--port", "0", "--port-file", portFile, ...args]));
  const port = await until("simulate listens", () => {
    try {
      return readFileSync(portFile, "utf8").trim();
    } catch {
      return undefined;
    }
  });
  return { tool, url: `http://127.0.0.1:${port}` };
}

/** The five streams at an address. */
export const fiveStreams = (url: string): object[] =>
  STREAM_NAMES.map((name) => ({
    source: sourceOf(name),
    // Venues end behind what there is, unless they are asked to trickle.
    url: `${url}/2/${name}${name === "open_venues" ? "?trickle" : ""}`,
  }));

/** Writes a config file with this for `collect`. @returns its path. */
export function writeConfig(folder: string, collect: object): string {
  const path = `${folder}/rsvpulse.config.json`;
  writeFileSync(path, JSON.stringify({ collect }));
  return path;
}

/** Starts a collector with a config file. */
export const startCollect = (
  config: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): RunningTool => ended(startTool("collect", ["--config", config, ...args], { input: "", ...options }));

/** Ends it with the tests, should they fail. */
function ended(tool: RunningTool): RunningTool {
  after(() => tool.child.kill("SIGKILL"));
  return tool;
}
