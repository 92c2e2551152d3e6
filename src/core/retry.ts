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
