import type { Clock } from "./clock.ts";

/** Wakes one sleeper. */
export interface Bell {
  /** Ends the wait under way, or else the next one before it begins. */
  readonly ring: () => void;
  /** Waits for `ms` or for a ring, whichever is first. */
  readonly wait: (ms: number) => Promise<void>;
}

export function bell(clock: Clock): Bell {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    async wait(ms) {
      await clock.sleep(ms, rung.signal);
      if (rung.signal.aborted) rung = new AbortController();
    },
  };
}
