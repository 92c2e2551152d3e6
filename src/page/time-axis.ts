/** What a viewer can choose to see, s. */
export const SPANS = [300, 900, 3600] as const;
export type Span = (typeof SPANS)[number];

/** Least time that a chart shows, s: a stream of a few seconds is not stretched over the whole width. */
const SHOWN_MIN = 300;
const TICK_STEPS = [10, 15, 30, 60, 120, 300, 600, 900] as const;

/**
 * The times that a chart shows, s since the Unix epoch: the chosen span up to `now`, or as much of it as is known.
 */
export function timeWindow(span: Span, first: number | undefined, now: number): readonly [number, number] {
  const known = first === undefined ? 0 : now - first;
  return [now - Math.min(span, Math.max(SHOWN_MIN, known)), now];
}

/** Round times between two, at most `most` of them, ascending, s. */
export function timeTicks([from, to]: readonly [number, number], most: number): number[] {
  const step = TICK_STEPS.find((seconds) => (to - from) / seconds <= most) ?? TICK_STEPS.at(-1)!;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}

/**
 * The top of an axis that begins at 0: a round number at or above `most` that leaves some air.
 *
 * Round numbers are few, so the axis does not tremble while the rate does.
 */
export function roundTop(most: number): number {
  if (!(most > 0)) return 1;
  const wanted = most * 1.12;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= wanted)! * power;
}
