import uPlot from "uplot";
import { timeChart } from "./chart-frame.ts";
import {
  type Band,
  drawBands,
  drawDot,
  drawDust,
  drawEndLabels,
  drawHatching,
  type EndLabel,
} from "./chart-marks.ts";
import { byId } from "./dom.ts";
import { kindOf, toneOf } from "./episodes.ts";
import { formatNumber, formatRate, formatTime } from "./format.ts";
import type { Palette } from "./palette.ts";
import { firstFrom, HOLE_MIN, SMOOTHED, SMOOTHED_HOUR, type Stretch, smoothed, unheard } from "./series.ts";
import { edgeOf, type PageState } from "./state.ts";
import { roundTop, type Span, timeWindow } from "./time-axis.ts";

type Figures = readonly (number | null)[];

/** What the chart shows: a part of the series, ready to draw. */
interface View {
  readonly range: readonly [number, number];
  readonly top: number;
  /** Single seconds are drawn as points. */
  readonly dusty: boolean;
  readonly seconds: readonly number[];
  readonly rate: Figures;
  readonly means: Figures;
  readonly usual: Figures;
  readonly bands: readonly Band[];
  readonly unheard: readonly Stretch[];
  /** Seconds that a point of the line is the mean of. */
  readonly smoothing: number;
}

/** The longest time in which single seconds are points; over more they would be stripes. */
const DUST_SPAN_MAX = 900;

/** What a time shown is drawn with: seconds that a point of the line is the mean of, and whether single seconds are points. */
export function grainOf(
  state: PageState,
  span: Span,
): { readonly smoothing: number; readonly dusty: boolean } {
  const [from, to] = timeWindow(span, state.series.seconds[0], edgeOf(state));
  const dusty = to - from <= DUST_SPAN_MAX;
  return { smoothing: dusty ? SMOOTHED : SMOOTHED_HOUR, dusty };
}

const NOTHING: View = {
  range: [0, 300],
  top: 1,
  dusty: false,
  ...{ seconds: [], rate: [], means: [], usual: [], bands: [], unheard: [] },
  smoothing: SMOOTHED,
};

/** A chart that is drawn anew of what the page knows. */
export interface Chart<Options extends readonly unknown[]> {
  draw(state: PageState, ...options: Options): void;
}

/** The chart of the rate: its line, what is usual, episodes shaded, and hatching where nobody listened. */
export function rateChart(colours: () => Palette): Chart<[Span]> {
  let view = NOTHING;
  const chart = timeChart({
    holder: byId("rate-chart"),
    height: () => (window.innerWidth < 640 ? 240 : 320),
    series: [
      {
        stroke: () => colours().ink,
        width: 1.25,
        dash: [5, 4],
        points: { show: false },
        paths: uPlot.paths.stepped!({ align: 1 }),
      },
      { stroke: () => colours().line, width: 2, points: { show: false } },
    ],
    xRange: () => view.range,
    yRange: () => [0, view.top],
    colours,
    under: (chart) => {
      drawBands(chart, view.bands, colours());
      drawHatching(chart, view.unheard, colours());
      if (view.dusty) drawDust(chart, { x: view.seconds, y: view.rate }, colours().dust);
    },
    over: (chart) => drawEnds(chart, view, colours()),
    tooltip: (index) => tooltipOf(view, index),
  });
  return {
    draw(state, span) {
      view = viewOf(state, span);
      chart.setData([[...view.seconds], [...view.usual], [...view.means]]);
    },
  };
}

function viewOf(state: PageState, span: Span): View {
  const { series } = state;
  const now = edgeOf(state);
  const grain = grainOf(state, span);
  const range = timeWindow(span, series.seconds[0], now);
  const from = firstFrom(series.seconds, range[0]);
  const seconds = series.seconds.slice(from);
  const rate = series.rate.slice(from);
  const means = smoothed(series.seconds, series.rate, grain.smoothing).slice(from);
  const usual = series.usual.slice(from);
  const most = [...means, ...usual].reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
  return {
    ...{ range, seconds, rate, means, usual },
    top: roundTop(most),
    bands: bandsOf(state, now),
    unheard: unheard(series, now),
    ...grain,
  };
}

/** Episodes as bands, earliest first; those that last reach to now. */
function bandsOf({ episodes }: PageState, now: number): Band[] {
  const bands = episodes.map((episode) => ({
    from: episode.since / 1000,
    to: episode.end === undefined ? now : episode.end / 1000,
    label: kindOf(episode),
    colour: toneOf(episode),
    open: episode.end === undefined,
  }));
  return bands.sort((a, b) => a.from - b.from);
}

function drawEnds(chart: uPlot, view: View, palette: Palette): void {
  const { seconds, means, usual } = view;
  const labels: EndLabel[] = [];
  const [last, mean, base] = [seconds.at(-1), means.at(-1) ?? null, usual.at(-1) ?? null];
  if (last !== undefined && mean !== null && view.range[1] - last <= HOLE_MIN) {
    drawDot(chart, [last, mean], palette.line);
    labels.push({ value: mean, text: `${formatRate(mean)} now`, colour: palette.line, strong: true });
  }
  if (base !== null) labels.push({ value: base, text: `${formatRate(base)} usual`, colour: palette.ink });
  drawEndLabels(chart, labels);
}

function tooltipOf({ seconds, rate, means, usual, bands, smoothing }: View, index: number): string[] {
  const second = seconds[index];
  if (second === undefined) return [];
  const within = bands.filter(({ from, to }) => from <= second && second <= to);
  const mean = means[index] ?? null;
  return [
    `${formatTime(second * 1000)} UTC`,
    ...(mean === null ? ["nobody listened"] : [`${formatRate(mean)} a second (mean of ${smoothing} s)`]),
    ...(mean === null ? [] : [`${formatNumber(rate[index])} in this second`]),
    ...((usual[index] ?? null) === null ? [] : [`${formatRate(usual[index])} usual`]),
    ...within.map(({ label }) => label),
  ];
}
