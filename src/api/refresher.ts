/** Brings something up to date: for those who need it fresh, and now and then. */
export interface Refresher {
  /** For a request: undefined while the last time is recent; else resolves when it was done again. Never rejects. */
  due(): Promise<void> | undefined;
  /** Does it, or joins who is at it. @throws whatever the work throws. */
  run(): Promise<void>;
}

export interface RefresherOptions {
  readonly work: () => Promise<void>;
  /** A time that only goes forward, ms. */
  readonly elapsed: () => number;
  /** What is older than this is old, ms. */
  readonly ageMax: number;
}

/** One run at a time, whoever asks how often. */
export function refresher({ work, elapsed, ageMax }: RefresherOptions): Refresher {
  let running: Promise<void> | undefined;
  let doneAt = Number.NEGATIVE_INFINITY;

  function run(): Promise<void> {
    running ??= work().finally(() => {
      doneAt = elapsed();
      running = undefined;
    });
    return running;
  }

  return {
    run,
    // Whoever runs it by itself is told why it failed; a request is answered by what is known.
    due: () => (elapsed() - doneAt < ageMax ? undefined : run().catch(() => {})),
  };
}
