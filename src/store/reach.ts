import type { Clock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { RedisAddress } from "./redis-address.ts";
import { StoreAway } from "./store.ts";

/** How long a server that was never reached is tried, ms. */
const REACH_MS_MAX = 4000;
/** Between two tries, ms. */
const TRY_MS = 200;

export interface ReachOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/**
 * Does the first thing with a server, trying again while it is away.
 *
 * @throws ToolError (unavailable) when it has not answered within four seconds, or when `signal` aborts; whatever
 * else the work throws.
 */
export async function reach<T>(work: () => Promise<T>, { address, clock, signal }: ReachOptions): Promise<T> {
  const deadline = clock.elapsed() + REACH_MS_MAX;
  let reason: StoreAway | undefined;
  for (;;) {
    try {
      return await withDeadline(work(), deadline - clock.elapsed(), clock);
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      // A try that the deadline cut short says less than the one before it.
      if (!(error instanceof NoAnswer)) reason = error;
      if (clock.elapsed() + TRY_MS >= deadline || signal.aborted) throw unreachable(address, reason ?? error);
    }
    await clock.sleep(TRY_MS, signal);
  }
}

class NoAnswer extends StoreAway {
  constructor() {
    super("no answer");
  }
}

/** Gives what the work gives. @throws StoreAway when that takes longer than so many ms; what the work throws. */
export async function withDeadline<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then((): never => {
    throw new NoAnswer();
  });
  // The loser of the race is nobody's error.
  late.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

function unreachable({ shown }: RedisAddress, cause: StoreAway): ToolError {
  return new ToolError(
    "unavailable",
    `cannot reach Redis at ${shown}: ${cause.message}; start one (redis-server), or set REDIS_URL to where it is`,
    { cause },
  );
}
