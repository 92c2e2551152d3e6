import { byId, el, svg } from "./dom.ts";

/** The numbers are those of map-classes.ts. */
const LEGEND = [
  {
    title: "Share now",
    classes: ["share-0", "share-1", "share-2", "share-3", "share-4"],
    labels: ["none", "< 1 %", "1–3 %", "3–8 %", "> 8 %"],
  },
  {
    title: "▲ More than usual",
    classes: ["more-1", "more-2", "more-3"],
    labels: ["< 2 ×", "2–4 ×", "> 4 ×"],
  },
  { title: "▼ Less than usual", classes: ["less-1", "less-2", "less-3"], labels: ["> ½", "¼–½", "< ¼"] },
] as const;

/** Draws what the colours of the map mean, with numbers. */
export function drawLegend(): void {
  const groups = LEGEND.map(({ title, classes, labels }) => {
    const steps = classes.map((name, i) => {
      const swatch = svg(
        "svg",
        { viewBox: "0 0 28 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { width: "28", height: "10", "data-class": name }),
      );
      return el("li", {}, swatch, labels[i]!);
    });
    return el("div", {}, el("p", {}, title), el("ul", {}, ...steps));
  });
  byId("map-legend").replaceChildren(...groups);
}
