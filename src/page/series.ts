import type { History } from "../api/wire.ts";
import type { StatsRecord } from "../records/stats.ts";

/** Seconds that are kept: an hour. */
export const SECONDS_KEPT = 3600;
/** A hole of more seconds than this is a time when nobody listened. */
export const HOLE_MIN = 5;
/** How far the lists may grow before what is too old is cut off at once. */
const SLACK = 300;

type Figure = number | null;

/**
 * The last hour, second by second: four lists of one length, in ascending order of `seconds`.
 *
 * Each is a plain array, for that is what the chart draws without a copy; it holds at most an hour and five minutes.
 */
export interface Series {
  /** The ends of completed seconds, s since the Unix epoch. */
  readonly seconds: number[];
  /** Events a second; null where nobody listened. */
  readonly rate: Figure[];
  /** What was usual then, events a second; null before that was known. */
  readonly usual: Figure[];
  /** Bits; null where not known. */
  readonly entropy: Figure[];
}

/** A series of no seconds. */
export const emptySeries = (): Series => ({ seconds: [], rate: [], usual: [], entropy: [] });

/** The series that a history tells; seconds that do not ascend are left out. */
export function seriesOf(history: History): Series {
  const series = emptySeries();
  history.seconds.forEach((second, i) => {
    if (second > (series.seconds.at(-1) ?? Number.NEGATIVE_INFINITY)) {
      push(series, second, [history.rate[i] ?? null, history.usual[i] ?? null, history.entropy[i] ?? null]);
    }
  });
  trim(series);
  return series;
}

/**
 * Appends the seconds that a record completed: its events spread over them, or null where it has none.
 *
 * A record of a second that is there already changes nothing, so that one told twice counts once.
 */
export function append(series: Series, record: StatsRecord, usual: Figure): void {
  const end = Math.floor(record.t / 1000);
  const last = series.seconds.at(-1);
  if (last !== undefined && end <= last) return;
  const heard = record.events !== null && record.seconds > 0;
  const rate = heard ? record.events / record.seconds : null;
  const first = heard ? Math.max(end - record.seconds + 1, (last ?? 0) + 1, end - SECONDS_KEPT) : end;
  // The line must break where nobody listened, not bridge it.
  if (last !== undefined && first - last > HOLE_MIN) push(series, last + 1, [null, null, null]);
  for (let second = first; second <= end; second++) push(series, second, [rate, usual, record.entropy]);
  trim(series);
}

function push(series: Series, second: number, [rate, usual, entropy]: [Figure, Figure, Figure]): void {
  series.seconds.push(second);
  series.rate.push(rate);
  series.usual.push(usual);
  series.entropy.push(entropy);
}

/** Forgets what is older than an hour, now and then. */
function trim(series: Series): void {
  const { seconds, rate, usual, entropy } = series;
  const surplus = seconds.length - SECONDS_KEPT;
  if (surplus <= SLACK && (seconds[0] ?? 0) >= (seconds.at(-1) ?? 0) - SECONDS_KEPT - SLACK) return;
  const oldest = (seconds.at(-1) ?? 0) - SECONDS_KEPT;
  const old = Math.max(surplus, firstFrom(seconds, oldest), 0);
  for (const list of [seconds, rate, usual, entropy]) list.splice(0, old);
}

/** The index of the first second that is not before `from`. */
export function firstFrom(seconds: readonly number[], from: number): number {
  let low = 0;
  let high = seconds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (seconds[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Seconds over which the line of the rate is a mean: single seconds are too noisy to see a change in. */
export const SMOOTHED = 10;

/**
 * The mean of each second and the up to nine before it, as far as they are heard without a break; null where one is not.
 *
 * A second leaves the mean by its time, not by its place, so seconds that are missing stretch nothing.
 */
export function trailingMeans(
  seconds: readonly number[],
  rate: readonly Figure[],
  span = SMOOTHED,
): Figure[] {
  const means: Figure[] = [];
  let sum = 0;
  let start = 0;
  for (let i = 0; i < seconds.length; i++) {
    const value = rate[i] ?? null;
    if (value === null) {
      means.push(null);
      sum = 0;
      start = i + 1;
      continue;
    }
    sum += value;
    for (; seconds[start]! <= seconds[i]! - span; start++) sum -= rate[start]!;
    means.push(Math.max(0, sum) / (i - start + 1));
  }
  return means;
}

/** Over an hour the line is a mean of more seconds; each is but a fraction of a pixel wide. */
export const SMOOTHED_HOUR = 30;

/** Towards its end, s, a line of long means turns into one of short means. */
const TURN = 60;

/**
 * The line that is drawn: means of `span` seconds, which at its end turn into means of 10 s, so that a change shows at
 * once.
 */
export function smoothed(seconds: readonly number[], rate: readonly Figure[], span: number): Figure[] {
  const quick = trailingMeans(seconds, rate);
  if (span <= SMOOTHED) return quick;
  const end = seconds.at(-1) ?? 0;
  return trailingMeans(seconds, rate, span).map((slow, i) => {
    const part = Math.min(1, (end - seconds[i]!) / TURN);
    return slow === null ? null : part * slow + (1 - part) * quick[i]!;
  });
}

/** The mean rate of the newest seconds; null when the newest is not heard, or `now` is long after it. */
export function rateNow({ seconds, rate }: Series, now: number, span = SMOOTHED): number | null {
  if (now - (seconds.at(-1) ?? 0) > HOLE_MIN) return null;
  const from = firstFrom(seconds, (seconds.at(-1) ?? 0) - span + 1);
  return trailingMeans(seconds.slice(from), rate.slice(from), span).at(-1) ?? null;
}

/** The newest figure of a list that is known, among its last `reach`. */
export function newest(list: readonly Figure[], reach = 60): number | null {
  for (let i = list.length - 1; i >= Math.max(0, list.length - reach); i--) {
    const value = list[i] ?? null;
    if (value !== null) return value;
  }
  return null;
}

/** Figures with holes of a few seconds filled by what was before them: only longer ones break a line. */
export function bridged(seconds: readonly number[], list: readonly Figure[]): Figure[] {
  let known = -1;
  return list.map((value, i) => {
    if (value !== null) known = i;
    return known >= 0 && seconds[i]! - seconds[known]! <= HOLE_MIN ? list[known]! : null;
  });
}

/** All events in the seconds that were heard. */
export const eventsIn = ({ rate }: Series): number =>
  rate.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** A stretch of time, s since the Unix epoch. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** When nobody listened, from the first second that is known to `now`: holes, and runs of null. */
export function unheard({ seconds, rate }: Series, now: number): Stretch[] {
  const stretches: Stretch[] = [];
  let heardAt = seconds[0];
  if (heardAt === undefined) return stretches;
  seconds.forEach((second, i) => {
    if (rate[i] === null) return;
    if (second - heardAt! > HOLE_MIN) stretches.push({ from: heardAt!, to: second - 1 });
    heardAt = second;
  });
  if (now - heardAt > HOLE_MIN) stretches.push({ from: heardAt, to: now });
  return stretches;
}
