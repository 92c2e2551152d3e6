import { execFileSync } from "node:child_process";
import { after } from "node:test";
import { ROOT, type RunningTool, startCommand } from "./run-tool.ts";
import { until } from "./until.ts";

/**
 * A script of the checkout, with its tools' log records on standard error; it runs in the checkout, unless told. What a
 * test that failed leaves of it is killed.
 */
export function startScript(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { cwd = ROOT }: { readonly cwd?: string } = {},
): RunningTool {
  const script = startCommand(`${ROOT}/scripts/${name}`, args, {
    input: "",
    cwd,
    env: { RSVPULSE_LOG: "json", ...env },
    ownGroup: true,
  });
  let isOver = false;
  void script.ended.finally(() => {
    isOver = true;
  });
  after(() => isOver || process.kill(-script.child.pid!, "SIGKILL"));
  return script;
}

/** Ctrl-C at the script's terminal: the signal goes to all of its pipeline. */
export const interruptAll = ({ child }: RunningTool): boolean => process.kill(-child.pid!, "SIGINT");

/** The process of one of a script's tools. Waits until it runs. */
export const pidOf = ({ child }: RunningTool, tool: string): Promise<number> =>
  until(`${tool} runs`, () => {
    const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
    const found = processes.split("\n").find((line) => {
      const [, parent, program = "", script = ""] = line.trim().split(/\s+/);
      const names = [program, program.endsWith("node") ? script : ""].map((path) => path.split("/").at(-1));
      return Number(parent) === child.pid && names.includes(tool);
    });
    return found === undefined ? undefined : Number.parseInt(found, 10);
  });

/** The log records among what was written on standard error. */
export function logRecords(err: string): Record<string, unknown>[] {
  return err
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What the script itself had to say. */
export const wordsOf = (err: string, script: string): string[] =>
  logRecords(err)
    .filter(({ tool }) => tool === script)
    .map(({ message }) => String(message));

/** What a tool's last line counted, added up over all its runs; parts that never occurred are 0. */
export function countsOf(err: string, tool: string): (part: string) => number {
  const summaries = logRecords(err).filter(
    (record) => record["tool"] === tool && typeof record["read"] === "number",
  );
  return (part) =>
    summaries.reduce((sum, record) => sum + (typeof record[part] === "number" ? record[part] : 0), 0);
}

/** How many events a tool of a branch read, over all its runs. */
export function eventsRead(err: string, tool: string): number {
  const count = countsOf(err, tool);
  return count("read") - count("ticks") - count("ignored") - count("bad");
}
