import { setText, svg } from "./dom.ts";
import type { Geometry } from "./map-geometry.ts";
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
  const centres = new Map(states.map(({ key, centre }) => [key, centre]));
  const shapes = states.map(({ key, path }) => {
    const shape = svg("path", { d: path, "data-state": key });
    places.set(key, [shape]);
    return shape;
  });
  const squares = SMALL_PLACES.map((key, i) => {
    const { x, y, step, side } = SQUARES;
    const [left, top] = [x, y + i * step];
    const square = svg("rect", {
      x: `${left}`,
      y: `${top}`,
      width: `${side}`,
      height: `${side}`,
      "data-state": key,
    });
    places.get(key)?.push(square);
    centres.set(key, [left + side / 2, top - 3]);
    return svg(
      "g",
      {},
      square,
      svg("text", { x: `${left + side + 5}`, y: `${top + side - 4}`, class: "small" }, key),
    );
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
    look: (key) =>
      outlines.replaceChildren(...(places.get(key ?? "") ?? []).map((place) => outlineOf(place))),
    name: (words) => nameStates(labels, words, centres),
  };
}

/** A copy of a shape that lies above all others, so that no neighbour hides its outline. */
function outlineOf(place: Element): Element {
  const copy = place.cloneNode() as Element;
  copy.removeAttribute("data-state");
  copy.removeAttribute("data-class");
  return copy;
}

/** Two lines on a state: its key, and how many times as much as usual; elements are used again. */
function nameStates(
  labels: Element,
  words: readonly (readonly [string, string])[],
  centres: ReadonlyMap<string, readonly [number, number]>,
): void {
  const placed = words.filter(([key]) => centres.has(key));
  while (labels.childElementCount > placed.length) labels.lastElementChild!.remove();
  while (labels.childElementCount < placed.length) {
    labels.append(
      svg("text", {}, svg("tspan", { class: "key" }), svg("tspan", { class: "ratio", dy: "1.1em" })),
    );
  }
  placed.forEach(([key, ratio], i) => {
    const text = labels.children[i]!;
    const [x, y] = centres.get(key)!;
    text.setAttribute("y", `${Math.round(y)}`);
    for (const line of text.children) line.setAttribute("x", `${Math.round(x)}`);
    setText(text.children[0]!, key);
    setText(text.children[1]!, ratio);
  });
}
