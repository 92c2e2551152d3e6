import { setText, svg } from "./dom.ts";
import type { Geometry } from "./map-geometry.ts";
import { nameStates, type Spot } from "./map-labels.ts";
import { SMALL_PLACES } from "./us-places.ts";

/** The map's elements, and what can be done to them. */
export interface DrawnMap {
  readonly drawing: SVGSVGElement;
  /** The shapes of each state: its own, and a square beside the coast where it is small. */
  readonly places: ReadonlyMap<string, readonly Element[]>;
  /** The state that an element is of. */
  keyOf(target: EventTarget | null): string | undefined;
  /** Outlines a state, or none. */
  look(key: string | undefined): void;
  /** Writes words on states, and takes away those that were there. */
  name(labels: readonly (readonly [string, string])[]): void;
}

/** Where the squares of small states stand: off the coast of the Carolinas, from north to south. */
const SQUARES = { x: 918, y: 268, step: 24, side: 17 } as const;

/** Draws a map, once; from then on only classes and labels change. */
export function drawMap(frame: HTMLElement, { states, borders }: Geometry): DrawnMap {
  const places = new Map<string, Element[]>();
  const spots = new Map<string, Spot>();
  const shapes = states.map(({ key, path, centre: [x, y] }) => {
    const shape = svg("path", { d: path, "data-state": key });
    places.set(key, [shape]);
    spots.set(key, { x, y, stacked: true });
    return shape;
  });
  const squares = SMALL_PLACES.map((key, i) => {
    const { square, group, spot } = squareOf(key, i);
    places.get(key)?.push(square);
    spots.set(key, spot);
    return group;
  });
  const outlines = svg("g", { class: "outlines" });
  const labels = svg("g", { class: "labels" });
  const drawing = svg(
    "svg",
    { viewBox: "0 0 975 610", role: "img", "aria-label": "Map of the United States" },
    svg("g", { class: "states" }, ...shapes),
    svg("path", { d: borders, class: "borders" }),
    svg("g", { class: "states squares" }, ...squares),
    outlines,
    labels,
  );
  frame.replaceChildren(drawing);
  return {
    drawing,
    places,
    keyOf: (target) => (target instanceof SVGElement ? target.dataset["state"] : undefined),
    look: (key) => outlines.replaceChildren(...(places.get(key ?? "") ?? []).map(outlineOf)),
    name: (words) => nameStates(labels, words, spots),
  };
}

/** The square of a small state with its key beside it, and where its label goes: to its left, over the sea. */
function squareOf(
  key: string,
  i: number,
): { readonly square: Element; readonly group: Element; readonly spot: Spot } {
  const { x, step, side } = SQUARES;
  const y = SQUARES.y + i * step;
  const [left, top, length] = [`${x}`, `${y}`, `${side}`];
  const square = svg("rect", { x: left, y: top, width: length, height: length, "data-state": key });
  const text = svg("text", { x: `${x + side + 5}`, y: `${y + side - 4}` });
  setText(text, key);
  return { square, group: svg("g", {}, square, text), spot: { x: x - 6, y: y + side - 2, stacked: false } };
}

/** A copy of a shape that lies above all others, so that no neighbour hides its outline. */
function outlineOf(place: Element): Element {
  const copy = place.cloneNode() as Element;
  copy.removeAttribute("data-state");
  copy.removeAttribute("data-class");
  return copy;
}
