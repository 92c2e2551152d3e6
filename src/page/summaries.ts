import type { Shares } from "../api/wire.ts";
import { categoriesIn, fallen, selectCategories, surging } from "./categories.ts";
import { kindOf } from "./episodes.ts";
import * as f from "./format.ts";
import { newest, trailingMeans } from "./series.ts";
import { edgeOf, type PageState, ratesOf } from "./state.ts";
import type { Span } from "./time-axis.ts";

/** What the chart of the rate shows, in words. */
export function rateSummary(state: PageState, span: Span): string {
  const { now, usual } = ratesOf(state);
  const from = edgeOf(state) - span;
  const { seconds, rate } = state.series;
  const means = trailingMeans(seconds, rate).filter((mean, i) => mean !== null && seconds[i]! >= from);
  const [low, high] = extent(means);
  const episodes = state.episodes.filter(({ end }) => end === undefined || end / 1000 > from);
  const told = episodes.map((episode) => {
    const state = episode.end === undefined ? "ongoing" : `until ${f.formatTime(episode.end)}`;
    return `${kindOf(episode)} since ${f.formatTime(episode.since)} UTC, ${state}`;
  });
  const range =
    low === undefined ? "" : ` In this time between ${f.formatRate(low)} and ${f.formatRate(high)}.`;
  const shaded = told.length === 0 ? " No episode is shaded." : ` Shaded: ${told.slice(0, 5).join("; ")}.`;
  const than = usual === null ? "" : `, usual is ${f.formatRate(usual)}`;
  return `Line chart of the rate over the last ${span / 60} minutes: ${f.formatRate(now)} ${f.plural(state.noun)} a second now${than}.${range}${shaded}`;
}

/** What the chart of the entropy shows, in words. */
export function entropySummary({ series }: PageState): string {
  const [low, high] = extent(series.entropy);
  if (low === undefined) return "Line chart of the entropy: nothing is known yet.";
  return `Line chart of the entropy: ${f.formatNumber(newest(series.entropy))} bits now, between ${f.formatNumber(low)} and ${f.formatNumber(high)} in the last hour.`;
}

/** What the map shows, in words. */
export function mapSummary(shares: Shares): string {
  const { rows } = selectCategories(shares, 5);
  const most = f.listed(rows.map(({ name, now }) => `${f.shownName(name)} ${f.formatShare(now)}`));
  const words = (places: readonly { name: string }[], what: string) =>
    places.length === 0
      ? []
      : [`${what}: ${f.listed(places.slice(0, 5).map(({ name }) => f.shownName(name)))}`];
  const standing = [
    ...words(surging(shares), "Far more than usual"),
    ...words(fallen(shares), "Far less than usual"),
  ];
  const out = standing.length === 0 ? "None stands out" : standing.join(". ");
  return `Map of the United States by share of ${f.plural(shares.noun)}. ${out}. ${most}. All are in the list of shares.`;
}

/** What entropy is, in a sentence about this stream. */
export function entropyWords({ stats, noun, series }: PageState): string {
  const categories = stats?.categories ?? 0;
  const events = f.plural(f.shown(noun, 40));
  if (categories < 2 || newest(series.entropy) === null)
    return `How evenly ${events} spread over their categories.`;
  const most = f.formatNumber(Math.log2(categories));
  return `How evenly ${events} spread over ${Math.round(categories).toLocaleString("en-US")} categories; the most that is possible is ${most} bits.`;
}

/** What is compared with what, in a sentence. */
export function sharesWords(shares: Shares): string {
  const { now, usual } = shares;
  const few = `Bars are the last ${f.formatSpan(now.seconds)} (${f.counted(now.n, shares.noun)})`;
  if (usual.n === 0) return `${few}; what is usual is not known yet.`;
  return `${few}; ticks are what was usual in the ${f.formatSpan(usual.seconds)} before. ${categoriesIn(shares).toLocaleString("en-US")} categories.`;
}

function extent(
  values: readonly (number | null)[],
): readonly [number, number] | readonly [undefined, undefined] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [undefined, undefined];
}

/** What the chart of the rate is made of, in a sentence. */
export function rateWords(
  { noun }: PageState,
  { smoothing, dusty }: { readonly smoothing: number; readonly dusty: boolean },
): string {
  const events = f.capitalised(f.plural(f.shown(noun, 40)));
  const points = dusty ? "; points are single seconds" : "";
  return `${events} a second, mean of ${smoothing} s${points}; the broken line is what is usual. Times are UTC.`;
}
