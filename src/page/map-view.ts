import type { ComparedShare, Shares } from "../api/wire.ts";
import { byId, setAttribute, setHidden, setText } from "./dom.ts";
import * as f from "./format.ts";
import { mapClass } from "./map-classes.ts";
import { type DrawnMap, drawMap } from "./map-drawing.ts";
import { type Atlas, type Geometry, geometryOf, neighbour, type Shape } from "./map-geometry.ts";
import { drawLegend } from "./map-legend.ts";
import { mapSummary } from "./summaries.ts";

/** The words of the map are read anew so often, ms: not each second. */
const SUMMARY_EVERY = 10_000;
/** States that are named on the map. */
const NAMED_MAX = 4;
const ATLAS = "vis/states.json";

/** The map of the United States, which is fetched when it is first needed. */
export interface MapView {
  draw(shares: Shares | undefined): void;
  /** Marks a state as the one looked at, and tells of it. */
  point(key: string | undefined): void;
}

/** Draws a map where keys are states, and hides it where they are not. */
export function mapView(): MapView {
  let shares: Shares | undefined;
  let drawn: DrawnMap | undefined;
  let looked: string | undefined;
  let asked = false;
  let summarised = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<void> => {
    asked = true;
    const geometry = await loadGeometry();
    if (geometry === undefined) {
      asked = false;
      return;
    }
    drawn = drawMap(byId("map-frame"), geometry);
    drawLegend();
    follow(drawn, geometry, point);
    draw(shares);
  };
  const draw = (next: Shares | undefined): void => {
    shares = next;
    const wanted = shares?.places === "us-states";
    setHidden(byId("map"), !wanted);
    byId("story").classList.toggle("mapped", wanted);
    if (!wanted || shares === undefined) return;
    if (drawn === undefined) {
      if (!asked) void ask();
      return;
    }
    paint(drawn, shares);
    tell();
    if (performance.now() - summarised < SUMMARY_EVERY) return;
    summarised = performance.now();
    setAttribute(drawn.drawing, "aria-label", mapSummary(shares));
  };
  const point = (key: string | undefined): void => {
    if (key === looked) return;
    looked = key;
    drawn?.look(key);
    tell();
  };
  const tell = (): void => {
    if (drawn === undefined || shares === undefined) return;
    const place = shares.categories.find(({ key }) => key === looked);
    setText(byId("map-readout"), looked === undefined ? "" : readoutOf(looked, place));
  };
  return { draw, point };
}

async function loadGeometry(): Promise<Geometry | undefined> {
  try {
    const response = await fetch(ATLAS);
    return response.ok ? geometryOf((await response.json()) as Atlas) : undefined;
  } catch {
    return undefined;
  }
}

function paint(map: DrawnMap, { categories }: Shares): void {
  const byKey = new Map(categories.map((category) => [category.key, category]));
  for (const [key, elements] of map.places) {
    const place = byKey.get(key);
    for (const element of elements) {
      setAttribute(element, "data-class", mapClass(place));
      setAttribute(element, "data-standing", place?.standing ?? "usual");
    }
  }
  const standing = categories.filter(({ standing }) => standing !== "usual").slice(0, NAMED_MAX);
  map.name(standing.map((place) => [place.key, labelOf(place)]));
}

function labelOf({ now, usual }: ComparedShare): string {
  return f.formatRatio(now, usual) ?? "new";
}

function readoutOf(key: string, place: ComparedShare | undefined): string {
  if (place === undefined) return `${key}: nothing now.`;
  const { name, now, usual } = place;
  const ratio = f.formatRatio(now, usual);
  const than =
    usual === null ? "" : `, usual is ${f.formatShare(usual)}${ratio === undefined ? "" : ` (${ratio})`}`;
  return `${f.shownName(name)}: ${f.formatShare(now)} now${than}.`;
}

/** Pointer and arrow keys choose the state that is told of. */
function follow(
  { drawing, keyOf }: DrawnMap,
  { states }: Geometry,
  point: (key: string | undefined) => void,
): void {
  const frame = byId("map-frame");
  frame.tabIndex = 0;
  setAttribute(frame, "role", "group");
  setAttribute(frame, "aria-label", "States; arrow keys go from one to the next");
  setAttribute(frame, "aria-describedby", "map-readout");
  let at: Shape | undefined;
  drawing.addEventListener("pointerover", ({ target }) => point(keyOf(target)));
  drawing.addEventListener("pointerleave", () => point(undefined));
  frame.addEventListener("keydown", (event) => {
    const start = at ?? states.find(({ key }) => key === "KS") ?? states[0]!;
    const next =
      at === undefined && event.key.startsWith("Arrow") ? start : neighbour(states, start, event.key);
    if (next === undefined) return;
    event.preventDefault();
    at = next;
    setAttribute(byId("map-readout"), "aria-live", "polite");
    point(next.key);
  });
  frame.addEventListener("blur", () => {
    byId("map-readout").removeAttribute("aria-live");
    at = undefined;
    point(undefined);
  });
}
