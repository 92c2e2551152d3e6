import { setTimeout as delay } from "node:timers/promises";

/** Longest that a timer of Node.js waits, ms; more it takes for 1 ms. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** A wait that a timer can be set to: the same, or 24 days. */
export const timerMs = (ms: number): number => Math.min(ms, TIMER_MS_MAX);

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
    const options = signal === undefined ? {} : { signal };
    try {
      let left = ms;
      do {
        await delay(timerMs(left), undefined, options);
        left -= TIMER_MS_MAX;
      } while (left > 0);
    } catch {
      // Aborted: the caller looks at its signal.
    }
  },
};
