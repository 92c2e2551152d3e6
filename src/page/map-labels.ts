import { setText, svg } from "./dom.ts";

/** Where a state's label stands. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  /** In two lines around it; else in one that ends there. */
  readonly stacked: boolean;
}

/** Writes on states their key and how many times as much as usual they have; elements are used again. */
export function nameStates(
  labels: Element,
  words: readonly (readonly [string, string])[],
  spots: ReadonlyMap<string, Spot>,
): void {
  const placed = words.filter(([key]) => spots.has(key));
  while (labels.childElementCount > placed.length) labels.lastElementChild!.remove();
  while (labels.childElementCount < placed.length) labels.append(svg("text", {}, svg("tspan"), svg("tspan")));
  for (const [i, [key, ratio]] of placed.entries()) {
    const text = labels.children[i]!;
    place(text, spots.get(key)!);
    setText(text.children[0]!, key);
    setText(text.children[1]!, ratio);
  }
}

function place(text: Element, { x, y, stacked }: Spot): void {
  const [left, top] = [String(Math.round(x)), String(Math.round(y))];
  text.setAttribute("x", left);
  text.setAttribute("y", top);
  text.setAttribute("text-anchor", stacked ? "middle" : "end");
  const second = text.children[1]!;
  second.toggleAttribute("x", false);
  second.setAttribute("dx", stacked ? "0" : "0.35em");
  second.setAttribute("dy", stacked ? "1.1em" : "0");
  if (stacked) second.setAttribute("x", left);
}
