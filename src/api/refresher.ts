import type { Clock } from "../core/clock.ts";

/** Brings something up to date: for those who need it fresh, and now and then. */
export interface Refresher {
  /** For a request: undefined while the last time is recent; else resolves when it was done again, or took too long. Never rejects. */
  due(): Promise<void> | undefined;
  /** Does it, or joins who is at it. @throws whatever the work throws. */
  run(): Promise<void>;
}

export interface RefresherOptions {
  readonly work: () => Promise<void>;
  readonly clock: Pick<Clock, "elapsed" | "sleep">;
  /** What is older than this is old, ms. */
  readonly ageMax: number;
  /** A request waits no longer than this, and is answered by what is known, ms. */
  readonly waitMax: number;
}

/** One run at a time, whoever asks how often. */
export function refresher({ work, clock, ageMax, waitMax }: RefresherOptions): Refresher {
  let running: Promise<void> | undefined;
  /** What requests wait for meanwhile. */
  let waiting: Promise<void> | undefined;
  let doneAt = Number.NEGATIVE_INFINITY;

  function run(): Promise<void> {
    running ??= work().finally(() => {
      doneAt = clock.elapsed();
      running = undefined;
      waiting = undefined;
    });
    return running;
  }

  /** Whoever runs it by itself is told why it failed; a request is answered by what is known. */
  async function wait(): Promise<void> {
    const done = new AbortController();
    const late = clock.sleep(waitMax, done.signal);
    await Promise.race([run().catch(() => {}), late]);
    done.abort();
  }

  return {
    run,
    due() {
      if (clock.elapsed() - doneAt < ageMax) return undefined;
      waiting ??= wait();
      return waiting;
    },
  };
}
