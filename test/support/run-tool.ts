import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** How a process ended and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Give it a process group of its own, as a terminal does, so that all of a pipeline can be sent a signal. */
  readonly ownGroup?: boolean;
}

export interface RunningTool {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it wrote so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<Outcome>;
}

/** The checkout: tests run there. */
export const ROOT = process.cwd();

/** The environment of this process without anything that would change a tool's settings. */
export function cleanEnvironment(extra: RunOptions["env"] = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(RSVPULSE_|REDIS_URL$|SLACK_WEBHOOK_URL$|NODE_|XDG_STATE_HOME$)/.test(name),
  );
  return { ...Object.fromEntries(kept), RSVPULSE_LOG: "text", ...extra };
}

/** Starts `bin/<tool>` with arguments; its standard input stays open unless `input` is given. */
export function startTool(tool: string, args: readonly string[], options: RunOptions = {}): RunningTool {
  return startCommand(`${ROOT}/bin/${tool}`, args, options);
}

/** Runs `bin/<tool>` to its end. */
export const runTool = (tool: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
  startTool(tool, args, { input: "", ...options }).ended;

/** Runs a line of bash in the checkout to its end, with `pipefail`. */
export const runShell = (line: string, options: RunOptions = {}): Promise<Outcome> =>
  startCommand("bash", ["-o", "pipefail", "-c", line], { input: "", ...options }).ended;

export function startCommand(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): RunningTool {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: cleanEnvironment(options.env),
    detached: options.ownGroup === true,
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  // A tool that ends before it has read everything breaks the pipe; that is its right.
  child.stdin.on("error", () => {});
  if (options.input !== undefined) child.stdin.end(options.input);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, out: () => out, err: () => err, ended };
}
