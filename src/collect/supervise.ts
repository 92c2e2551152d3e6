import type { Clock } from "../core/clock.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { backOff } from "../core/retry.ts";
import { formatSpan } from "../core/spans.ts";

/** Ceiling of the first wait before a restart, ms, and the one that the doubling stops at. */
const WAIT_MS_FIRST = 1000;
const WAIT_MS_MAX = 300_000;
/** What ran for so long was well: the next failure starts the waits anew, ms. */
const GOOD_MS = 60_000;

/** What no restart mends: somebody must change a setting, or let us in. */
const FINAL: ReadonlySet<string> = new Set(["usage", "permission", "configuration"]);

/** How a supervised piece of work is doing. */
export type Standing =
  | { readonly kind: "running" }
  /** It failed, and is started again. */
  | { readonly kind: "waiting"; readonly reason: string }
  /** It failed, and is not started again. */
  | { readonly kind: "down"; readonly error: ToolError }
  /** It ended by itself. */
  | { readonly kind: "over" };

export interface SuperviseOptions {
  /** Runs until it ends, fails, or `stop` aborts. */
  readonly run: () => Promise<void>;
  readonly clock: Pick<Clock, "elapsed" | "sleep">;
  /** Uniform on [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly stop: AbortSignal;
  readonly changed: (standing: Standing) => void;
}

/**
 * Keeps one piece of work running: when it fails it is started again, after waits of truncated exponential back-off with
 * full jitter; what waiting does not mend stays down. Each failure is told, the first in a row as an error.
 * @returns why it stays down; undefined when it ended by itself or was stopped.
 */
export async function supervise({
  run,
  clock,
  random,
  log,
  stop,
  changed,
}: SuperviseOptions): Promise<ToolError | undefined> {
  const waits = backOff({ first: WAIT_MS_FIRST, max: WAIT_MS_MAX, random });
  let failures = 0;
  while (!stop.aborted) {
    const begun = clock.elapsed();
    changed({ kind: "running" });
    try {
      await run();
      if (!stop.aborted) changed({ kind: "over" });
      return undefined;
    } catch (error) {
      if (stop.aborted) return undefined;
      if (error instanceof ToolError && FINAL.has(error.kind)) {
        log.error(`${error.message}; it stays down until that is mended`, error.facts);
        changed({ kind: "down", error });
        return error;
      }
      if (clock.elapsed() - begun >= GOOD_MS) {
        failures = 0;
        waits.reset();
      }
      failures++;
      const wait = waits.next();
      const message = `${wordsOf(error)}; started again in ${formatSpan(wait / 1000)}`;
      log.write(failures === 1 ? "ERROR" : "WARNING", message, { failures, wait: wait / 1000 });
      changed({ kind: "waiting", reason: reasonOf(error) });
      await clock.sleep(wait, stop);
    }
  }
  return undefined;
}

/** What is no error that somebody can act on is a defect, and told with where. */
const wordsOf = (error: unknown): string =>
  error instanceof ToolError || !(error instanceof Error)
    ? reasonOf(error)
    : `defect: ${error.stack ?? error.message}`;
