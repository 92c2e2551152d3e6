import type { Clock } from "./clock.ts";

/** Grants at most `max` requests in each second by the clock, the first ones. Holds two numbers. */
export function quota(max: number, clock: Pick<Clock, "elapsed">): () => boolean {
  let end = Number.NEGATIVE_INFINITY;
  let asked = 0;
  return () => {
    const now = clock.elapsed();
    if (now >= end) {
      end = now + 1000;
      asked = 0;
    }
    return ++asked <= max;
  };
}
