const BARS = "▁▂▃▄▅▆▇█";

/**
 * Numbers as a line of bars, one character each, from 0 (or the least, where it is negative) to the greatest.
 *
 * The foot is 0, so that heights compare as the numbers do; all equal and positive gives full bars. Numbers that are
 * not finite are gaps. Empty for none.
 */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const span = Math.max(...finite, low) - low;
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return " ";
      const height = span === 0 ? 0 : Math.round(((value - low) / span) * (BARS.length - 1));
      return BARS[height]!;
    })
    .join("");
}
