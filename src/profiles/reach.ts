import type { Clock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Passing, Patience } from "../core/retry.ts";
import { formatSpan } from "../core/spans.ts";
import { RETRY_MS } from "./save-profiles.ts";

/** Who gave no answer within this of the first try is unavailable, ms. */
const FIRST_REACH_MS_MAX = 4000;

export interface ReachOptions {
  /** How the other side is told to a person. */
  readonly name: string;
  readonly clock: Clock;
  /** Uniform on [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

export interface Reach {
  /** For `retried`. Throws ToolError (unavailable) about somebody who never answered. */
  readonly patience: Patience;
  /** Why nothing gets through at present; undefined when it does. */
  trouble(): string | undefined;
}

/** Waits out the failures of somebody outside, and tells of each reason once until something gets through again. */
export function reach({ name, clock, random, log, signal }: ReachOptions): Reach {
  let isReached = false;
  let firstFailedAt: number | undefined;
  let trouble: string | undefined;
  const told = new Set<string>();

  function failed(failure: Passing, wait: number): void {
    firstFailedAt ??= clock.elapsed();
    isReached ||= failure.answered;
    trouble = failure.message;
    if (!isReached && clock.elapsed() + wait - firstFailedAt >= FIRST_REACH_MS_MAX) {
      throw new ToolError(
        "unavailable",
        `${name} cannot be reached: ${failure.message}; is the address right, and is it running?`,
        { cause: failure },
      );
    }
    if (told.has(failure.message)) return;
    told.add(failure.message);
    const seconds = wait / 1000;
    log.warning(`${name}: ${failure.message}; tried again in ${formatSpan(seconds)}`, {
      reason: failure.message,
      wait: seconds,
    });
  }

  function worked(): void {
    isReached = true;
    if (trouble !== undefined) log.notice(`${name}: works again`);
    trouble = undefined;
    told.clear();
  }

  return {
    patience: { ...RETRY_MS, clock, random, signal, failed, worked },
    trouble: () => trouble,
  };
}
