import type { Clock } from "./clock.ts";

/** How long to wait between tries. Times in ms. */
export interface BackOffOptions {
  /** Ceiling of the first wait. */
  readonly first: number;
  /** Ceiling that the doubling stops at. */
  readonly max: number;
  /** Uniform on [0, 1). */
  readonly random: () => number;
}

export interface BackOff {
  /** The next wait, ms: uniform on [0, min(max, first × 2^tries)]. */
  next(): number;
  /** Starts again from the first wait. */
  reset(): void;
}

/**
 * Truncated exponential back-off with full jitter.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("Full Jitter").
 */
export function backOff({ first, max, random }: BackOffOptions): BackOff {
  let ceiling = first;
  return {
    next() {
      const wait = random() * Math.min(max, ceiling);
      ceiling = Math.min(max, ceiling * 2);
      return wait;
    },
    reset() {
      ceiling = first;
    },
  };
}

/** What may pass by itself and is worth another try. The message holds no secret. */
export class Passing extends Error {
  /** Not before this, where the other side said so, ms. */
  readonly wait: number;
  /** The other side answered, if only to say no. */
  readonly answered: boolean;
  /** The HTTP status of that answer, or the one that it stands for, where it has one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    {
      wait = 0,
      answered = true,
      status,
      cause,
    }: {
      readonly wait?: number;
      readonly answered?: boolean;
      readonly status?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.wait = wait;
    this.answered = answered;
    this.status = status;
  }
}

export interface Patience extends BackOffOptions {
  readonly clock: Pick<Clock, "sleep">;
  /** Ends the waiting; what went wrong last is thrown. */
  readonly signal: AbortSignal;
  /** The first try included. */
  readonly triesMax?: number;
  /** Told of each failure that is followed by another try. @param wait until then, ms. */
  readonly failed?: (failure: Passing, wait: number) => void;
  /** A try did not fail. */
  readonly worked?: () => void;
}

/** What `work` gives, tried again as long as it fails with a Passing. @throws that when patience ends; else what it threw. */
export async function retried<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { clock, signal, triesMax = Number.POSITIVE_INFINITY, failed, worked } = patience;
  const waits = backOff(patience);
  for (let tries = 1; ; tries++) {
    try {
      const result = await work();
      worked?.();
      return result;
    } catch (error) {
      if (!(error instanceof Passing) || signal.aborted || tries >= triesMax) throw error;
      const wait = Math.max(error.wait, waits.next());
      failed?.(error, wait);
      await clock.sleep(wait, signal);
      if (signal.aborted) throw error;
    }
  }
}
