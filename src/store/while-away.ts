import type { Clock } from "../core/clock.ts";
import { backOff } from "../core/retry.ts";
import { StoreAway } from "./store.ts";

/** Ceilings of the waits between two tries, ms. */
const RETRY_MS = { first: 50, max: 1000 } as const;

export interface Patience {
  readonly clock: Clock;
  /** Ends the waiting: what the last try threw is thrown. */
  readonly signal: AbortSignal;
  /** Told of each try that the store was away for. */
  readonly away?: (reason: string) => void;
}

/** What `work` gives, tried again while the store is away. @throws StoreAway when `signal` aborts; whatever else work throws. */
export async function whileAway<T>(work: () => Promise<T>, { clock, signal, away }: Patience): Promise<T> {
  const wait = backOff({ ...RETRY_MS, random: Math.random });
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreAway) || signal.aborted) throw error;
      away?.(error.message);
    }
    await clock.sleep(wait.next(), signal);
  }
}
