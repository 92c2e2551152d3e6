import { EXIT, type ExitCode } from "./errors.ts";

/**
 * How a tool takes Ctrl-C. Sources stop; filters and sinks leave the first one alone, for the terminal sends it to
 * the whole pipeline and their input is about to end; services stop too, and a SIGTERM is their orderly end.
 */
export type Role = "source" | "filter" | "service";

/** Longest that a tool may take to drain after SIGTERM or SIGHUP, ms. */
const DRAIN_MS_MAX = 5000;
/**
 * How long a filter reads on after SIGTERM, ms. Supervisors send it to all of a pipeline at once: what the source has
 * given by then is still on its way, and then the input ends.
 */
const FILTER_GRACE_MS = 1000;

export interface Stop {
  /** Aborts when the tool should stop taking input, flush and end. */
  readonly signal: AbortSignal;
  /** The code to end with because of a signal, if one came. */
  exitCode(): ExitCode | undefined;
  /** Takes the handlers away. */
  dispose(): void;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP.
 *
 * The first one asks for an orderly end; a second Ctrl-C, or five seconds without an end after SIGTERM, lets the
 * signal have its default effect at once.
 */
export function listenForSignals(role: Role): Stop {
  const controller = new AbortController();
  let code: ExitCode | undefined;
  let interrupts = 0;

  function die(signal: NodeJS.Signals): void {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  function onInterrupt(): void {
    if (++interrupts > 1) die("SIGINT");
    if (interrupts > 1 || role === "filter") return;
    code ??= role === "source" ? EXIT.interrupted : EXIT.done;
    controller.abort();
  }
  function onTerminate(signal: NodeJS.Signals): void {
    code ??= role === "service" ? EXIT.done : EXIT.terminated;
    if (role === "filter") setTimeout(() => controller.abort(), FILTER_GRACE_MS).unref();
    else controller.abort();
    setTimeout(() => die(signal), DRAIN_MS_MAX).unref();
  }
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  process.on("SIGHUP", onTerminate);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
      process.off("SIGHUP", onTerminate);
    },
  };
}

/** Resolves when a signal aborts, at once where it has. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
