import type uPlot from "uplot";
import { timeChart } from "./chart-frame.ts";
import { drawDot, drawEndLabels } from "./chart-marks.ts";
import { byId } from "./dom.ts";
import { formatNumber, formatTime } from "./format.ts";
import type { Palette } from "./palette.ts";
import type { Chart } from "./rate-chart.ts";
import { bridged, firstFrom } from "./series.ts";
import { edgeOf } from "./state.ts";
import { type Span, timeWindow } from "./time-axis.ts";

/** Least height of the axis, bits: what is smaller than this is noise, and must not look like news. */
const HEIGHT_MIN = 0.5;

/** The chart of the entropy, over the same time as the rate's. */
export function entropyChart(colours: () => Palette): Chart<[Span]> {
  let range: readonly [number, number] = [0, 300];
  let limits: readonly [number, number] = [0, 1];
  let seconds: readonly number[] = [];
  let entropy: readonly (number | null)[] = [];
  const chart = timeChart({
    holder: byId("entropy-chart"),
    height: () => 150,
    series: [{ stroke: () => colours().line, width: 1.75, points: { show: false } }],
    xRange: () => range,
    yRange: () => limits,
    colours,
    over: (chart) => drawEnd(chart, [seconds.at(-1), entropy.at(-1) ?? null], colours()),
    tooltip: (index) => {
      const value = entropy[index] ?? null;
      const time = `${formatTime((seconds[index] ?? 0) * 1000)} UTC`;
      return [time, value === null ? "not known" : `${formatNumber(value)} bits`];
    },
  });
  return {
    draw(state, span) {
      const { series } = state;
      range = timeWindow(span, series.seconds[0], edgeOf(state));
      const from = firstFrom(series.seconds, range[0]);
      seconds = series.seconds.slice(from);
      entropy = bridged(seconds, series.entropy.slice(from));
      limits = limitsOf(entropy);
      chart.setData([[...seconds], [...entropy]]);
    },
  };
}

function drawEnd(
  chart: uPlot,
  [second, value]: readonly [number | undefined, number | null],
  palette: Palette,
): void {
  if (second === undefined || value === null) return;
  drawDot(chart, [second, value], palette.line);
  const text = `${value.toFixed(2)} bits`;
  drawEndLabels(chart, [{ value, text, colour: palette.line, strong: true }]);
}

/** Limits in quarters of a bit around what there is. */
function limitsOf(values: readonly (number | null)[]): readonly [number, number] {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return [0, 1];
  const least = known.reduce((low, value) => Math.min(low, value));
  const most = known.reduce((high, value) => Math.max(high, value));
  const low = Math.max(0, Math.floor((least - 0.05) * 4) / 4);
  return [low, Math.max(low + HEIGHT_MIN, Math.ceil((most + 0.05) * 4) / 4)];
}
