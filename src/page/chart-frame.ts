import uPlot from "uplot";
import { el } from "./dom.ts";
import { formatMinute, formatTime } from "./format.ts";
import type { Palette } from "./palette.ts";
import { timeTicks } from "./time-axis.ts";

/** What a chart over time needs beyond what all of them share. */
export interface ChartOptions {
  readonly holder: HTMLElement;
  readonly height: () => number;
  readonly series: readonly uPlot.Series[];
  /** The limits of the axes as they are now. */
  readonly xRange: () => readonly [number, number];
  readonly yRange: () => readonly [number, number];
  readonly colours: () => Palette;
  /** Draws under the lines, on the canvas. */
  readonly under?: (chart: uPlot) => void;
  /** Draws over them. */
  readonly over: (chart: uPlot) => void;
  /** The lines of the tooltip at a place in the data. */
  readonly tooltip: (index: number) => readonly string[];
}

/** Steps of the upright axes: halves and fifths are easier to read than quarters. */
const STEPS = [-2, -1, 0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));
/** Room for the labels at the ends of the lines, px. */
const LABEL_WIDTH = 88;
const LABEL_WIDTH_NARROW = 70;
const NARROW = 500;
/** Least room from one line of the grid to the next, px, as a part of the height. */
const GRID_PART = 0.16;
export const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** A chart over time that fits its holder, follows the pointer, and is drawn when it is given data. */
export function timeChart(options: ChartOptions): uPlot {
  const { holder } = options;
  const size = () => ({ width: Math.max(200, holder.clientWidth), height: options.height() });
  const tooltip = el("div", { class: "tooltip", hidden: "" });
  const chart = new uPlot(
    {
      ...size(),
      padding: [24, () => (holder.clientWidth < NARROW ? LABEL_WIDTH_NARROW : LABEL_WIDTH), 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: () => [...options.xRange()] as [number, number] },
        y: { range: () => [...options.yRange()] as [number, number] },
      },
      axes: axesOf(options),
      series: [{}, ...options.series],
      hooks: {
        drawAxes: [(chart) => options.under?.(chart)],
        draw: [options.over],
        setCursor: [(chart) => follow(chart, tooltip, options.tooltip)],
      },
    },
    [[], ...options.series.map(() => [])],
    holder,
  );
  chart.over.append(tooltip);
  new ResizeObserver(() => {
    if (holder.clientWidth > 0) chart.setSize(size());
  }).observe(holder);
  return chart;
}

function axesOf({ xRange, colours, height }: ChartOptions): uPlot.Axis[] {
  const soft = () => colours().soft;
  const rule = () => colours().rule;
  return [
    {
      font: FONT,
      stroke: soft,
      size: 30,
      gap: 6,
      grid: { show: false },
      border: { show: true, stroke: soft, width: 1 },
      ticks: { stroke: soft, width: 1, size: 5 },
      splits: (chart) => timeTicks(xRange(), Math.max(2, Math.floor(chart.over.clientWidth / 80))),
      values: (_, splits) => {
        const whole = splits.every((second) => second % 60 === 0);
        return splits.map((second) => (whole ? formatMinute : formatTime)(second * 1000));
      },
    },
    {
      font: FONT,
      stroke: soft,
      size: 40,
      gap: 6,
      space: () => Math.max(24, height() * GRID_PART),
      incrs: STEPS,
      grid: { stroke: rule, width: 1 },
      ticks: { show: false },
    },
  ];
}

/** Puts the tooltip where the pointer is, on the side that has room. */
function follow(chart: uPlot, tooltip: HTMLElement, linesAt: ChartOptions["tooltip"]): void {
  const { idx, left = -1 } = chart.cursor;
  const lines = idx === null || idx === undefined || left < 0 ? [] : linesAt(idx);
  tooltip.hidden = lines.length === 0;
  if (lines.length === 0) return;
  tooltip.replaceChildren(...lines.map((line) => el("div", {}, line)));
  const wide = chart.over.clientWidth;
  const right = left > wide / 2;
  tooltip.style.transform = `translate(${Math.round(right ? left - 12 : left + 12)}px, 4px)${right ? " translateX(-100%)" : ""}`;
}
