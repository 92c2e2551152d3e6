const DAY_MS = 86_400_000;

/** Counts, and calls `tell` with the count so far: at the first, and then at most once a day of stream time. */
export function dailyNotice(tell: (count: number) => void): (now: number) => void {
  let count = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return (now) => {
    count++;
    if (now - toldAt < DAY_MS) return;
    toldAt = now;
    tell(count);
  };
}
