import type { Random } from "./random.ts";

/** `measured`: as the real stream was on 19 March 2017. `none`: in order. */
export const DISORDERS = ["measured", "none"] as const;
export type Disorder = (typeof DISORDERS)[number];

/** Messages that come behind the running maximum of those before them. */
const LATE_SHARE = 0.164;

/**
 * How far behind they are: quantile, seconds. Measured on 1,541 consecutive RSVPs, where 7.4 % of all messages are
 * more than 5 s behind, 2.1 % more than a minute, 1.3 % more than an hour and the worst 37.7 days.
 */
const LATE_QUANTILES: readonly (readonly [quantile: number, seconds: number])[] = [
  [0, 0.005],
  [0.05, 0.06],
  [0.1, 0.58],
  [0.15, 1.44],
  [0.25, 2.06],
  [0.35, 2.57],
  [0.45, 3.48],
  [0.549, 5],
  [0.65, 7.71],
  [0.75, 10.82],
  [0.8, 15.45],
  [0.85, 29.53],
  [0.872, 60],
  [0.921, 3600],
  [0.95, 90_655],
  [1, 3_256_423],
];

/**
 * Gives each message its mtime (ms since the epoch, whole) from the time it is sent.
 *
 * Most carry the time they are sent at; the others lie behind the greatest mtime so far by a span drawn from the
 * measured distribution, independent of the rate. Since late messages come one by one, 15 % of neighbours are
 * inverted, as measured. Holds one number.
 */
export function mtimes(random: Random, disorder: Disorder): (sent: number) => number {
  let greatest = Number.NEGATIVE_INFINITY;
  return (sent) => {
    const late = disorder === "measured" && random.chance(LATE_SHARE);
    if (late && greatest !== Number.NEGATIVE_INFINITY) {
      return greatest - Math.max(1, Math.round(lateSeconds(random.uniform()) * 1000));
    }
    greatest = Math.max(greatest, Math.floor(sent));
    return greatest;
  };
}

/** The quantile function, linear in the logarithm of the seconds between the measured points. */
function lateSeconds(quantile: number): number {
  const above = LATE_QUANTILES.findIndex(([q]) => q >= quantile);
  const [qMax, max] = LATE_QUANTILES[Math.max(above, 1)]!;
  const [qMin, min] = LATE_QUANTILES[Math.max(above, 1) - 1]!;
  return min * (max / min) ** ((quantile - qMin) / (qMax - qMin));
}
