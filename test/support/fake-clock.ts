import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../src/core/clock.ts";

export interface FakeClock extends Clock {
  /** Runs something when the time has come. */
  at(ms: number, action: () => void): void;
}

/** Time that passes only while somebody sleeps, and then at once. Starts at 0; the wall shows `epoch` then. */
export function fakeClock(epoch = Date.UTC(2026, 0, 1)): FakeClock {
  let time = 0;
  let plans: { readonly ms: number; readonly action: () => void }[] = [];
  return {
    now: () => epoch + time,
    elapsed: () => time,
    async sleep(ms, signal) {
      const end = time + ms;
      // A turn of the event loop, so that sockets get theirs.
      await turn();
      while (signal?.aborted !== true) {
        const due = plans.filter((plan) => plan.ms <= end).sort((a, b) => a.ms - b.ms)[0];
        if (due === undefined) {
          time = end;
          return;
        }
        time = Math.max(time, due.ms);
        plans = plans.filter((plan) => plan !== due);
        due.action();
        await turn();
      }
    },
    at(ms, action) {
      plans.push({ ms, action });
    },
  };
}
