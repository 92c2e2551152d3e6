import type uPlot from "uplot";
import { FONT } from "./chart-frame.ts";
import type { ColourName, Palette } from "./palette.ts";
import type { Stretch } from "./series.ts";

/** An episode as it is shaded. */
export interface Band extends Stretch {
  readonly label: string;
  readonly colour: ColourName;
  readonly open: boolean;
}

/** A label at the end of a line. */
export interface EndLabel {
  readonly value: number;
  readonly text: string;
  readonly colour: string;
  readonly strong?: boolean;
}

const BAND_ALPHA = 0.16;
const HATCH_SPACING = 7;
/** Least width of a band, px: an episode of a second must be seen in an hour. */
const BAND_WIDTH_MIN = 3;
const LINE_HEIGHT = 15;

const pixels = (): number => window.devicePixelRatio || 1;

/** Draws in a state of the canvas of its own, within the plot when told so. */
export function drawn(
  chart: uPlot,
  within: "plot" | "all",
  draw: (context: CanvasRenderingContext2D) => void,
): void {
  const { ctx, bbox } = chart;
  ctx.save();
  if (within === "plot") {
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
  }
  draw(ctx);
  ctx.restore();
}

const xAt = (chart: uPlot, second: number): number => {
  const { left, width } = chart.bbox;
  return Math.min(left + width, Math.max(left, chart.valToPos(second, "x", true)));
};

/** Shades episodes, earliest first, each with its name above it where there is room. */
export function drawBands(chart: uPlot, bands: readonly Band[], palette: Palette): void {
  drawn(chart, "all", (context) => {
    const { top, height, left, width } = chart.bbox;
    const scale = pixels();
    let freeFrom = left;
    context.font = FONT.replace("12px", `600 ${11.5 * scale}px`);
    context.textBaseline = "bottom";
    context.textAlign = "left";
    for (const { from, to, label, colour } of bands) {
      if (to < (chart.scales["x"]!.min ?? 0)) continue;
      const start = xAt(chart, from);
      const end = Math.max(xAt(chart, to), start + BAND_WIDTH_MIN * scale);
      context.fillStyle = palette[colour];
      context.globalAlpha = BAND_ALPHA;
      if (colour !== "blind") context.fillRect(start, top, end - start, height);
      context.globalAlpha = 1;
      context.fillRect(start, top - 2 * scale, end - start, 2 * scale);
      const words = context.measureText(label).width;
      const at = Math.min(start, left + width + 60 * scale - words);
      if (at < freeFrom) continue;
      context.fillText(label, at, top - 5 * scale);
      freeFrom = at + words + 8 * scale;
    }
  });
}

/** Hatches stretches in which nobody listened. */
export function drawHatching(chart: uPlot, stretches: readonly Stretch[], palette: Palette): void {
  const { top, height } = chart.bbox;
  const step = HATCH_SPACING * pixels();
  for (const { from, to } of stretches) {
    const [start, end] = [xAt(chart, from), xAt(chart, to)];
    if (end <= start) continue;
    drawn(chart, "plot", (context) => {
      context.beginPath();
      context.rect(start, top, end - start, height);
      context.clip();
      context.beginPath();
      for (let x = start - height; x < end; x += step) {
        context.moveTo(x, top + height);
        context.lineTo(x + height, top);
      }
      context.strokeStyle = palette.blind;
      context.globalAlpha = 0.45;
      context.lineWidth = pixels();
      context.stroke();
    });
  }
}

/** Writes labels beside the ends of lines, apart from one another. */
export function drawEndLabels(chart: uPlot, labels: readonly EndLabel[]): void {
  drawn(chart, "all", (context) => {
    const { left, width, top, height } = chart.bbox;
    const scale = pixels();
    const spacing = LINE_HEIGHT * scale;
    const placed = labels
      .map((label) => ({ ...label, y: chart.valToPos(label.value, "y", true) }))
      .sort((a, b) => a.y - b.y);
    placed.forEach((label, i) => {
      const above = placed[i - 1];
      if (above !== undefined && label.y < above.y + spacing) label.y = above.y + spacing;
    });
    const low = placed.at(-1);
    const lift = low === undefined ? 0 : Math.max(0, low.y - (top + height));
    context.textBaseline = "middle";
    context.textAlign = "left";
    for (const { y, text, colour, strong } of placed) {
      context.font = FONT.replace("12px", `${strong === true ? "700 " : ""}${12.5 * scale}px`);
      context.fillStyle = colour;
      context.fillText(text, left + width + 9 * scale, y - lift);
    }
  });
}

/** A dot at the end of a line. */
export function drawDot(chart: uPlot, [second, value]: readonly [number, number], colour: string): void {
  drawn(chart, "all", (context) => {
    context.beginPath();
    context.arc(chart.valToPos(second, "x", true), chart.valToPos(value, "y", true), 3.5 * pixels(), 0, 7);
    context.fillStyle = colour;
    context.fill();
  });
}

/** Single seconds as faint points behind the line that is their mean. */
export function drawDust(
  chart: uPlot,
  points: { readonly x: readonly number[]; readonly y: readonly (number | null)[] },
  colour: string,
): void {
  drawn(chart, "plot", (context) => {
    const side = 2 * pixels();
    context.fillStyle = colour;
    context.beginPath();
    points.x.forEach((second, i) => {
      const value = points.y[i] ?? null;
      if (value === null) return;
      context.rect(
        chart.valToPos(second, "x", true) - side / 2,
        chart.valToPos(value, "y", true) - side / 2,
        side,
        side,
      );
    });
    context.fill();
  });
}
