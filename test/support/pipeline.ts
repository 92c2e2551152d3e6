import { ROOT, type RunningTool, startCommand } from "./run-tool.ts";

/** A script of the checkout, with its tools' log records on standard error. */
export const startScript = (
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningTool =>
  startCommand(`${ROOT}/scripts/${name}`, args, { input: "", env: { RSVPULSE_LOG: "json", ...env } });

/** The log records among what was written on standard error. */
export function logRecords(err: string): Record<string, unknown>[] {
  return err
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What a tool's last line counted, added up over all its runs; parts that never occurred are 0. */
export function countsOf(err: string, tool: string): (part: string) => number {
  const summaries = logRecords(err).filter(
    (record) => record["tool"] === tool && typeof record["read"] === "number",
  );
  return (part) =>
    summaries.reduce((sum, record) => sum + (typeof record[part] === "number" ? record[part] : 0), 0);
}
