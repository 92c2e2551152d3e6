import { setTimeout as delay } from "node:timers/promises";

/** The outside world's time, handed in wherever it is needed so that tests can hold it still. */
export interface Clock {
  /** Wall time, ms since the Unix epoch. May step. */
  now(): number;
  /** A time that only goes forward, ms from an arbitrary point. For spans that are waited or measured. */
  elapsed(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: the caller looks at its signal.
    }
  },
};
