import { byId, el } from "./dom.ts";
import { SPANS, type Span } from "./time-axis.ts";

const NAMES: Readonly<Record<Span, string>> = { 300: "5 min", 900: "15 min", 3600: "1 h" };

/** Lets the viewer choose how much time is shown; gives the choice as it is now. */
export function startSpans(changed: () => void): () => Span {
  let span: Span = 3600;
  for (const option of SPANS) {
    const input = el("input", { type: "radio", name: "span", value: String(option) });
    input.checked = option === span;
    input.addEventListener("change", () => {
      span = option;
      changed();
    });
    byId("spans").append(el("label", {}, input, el("span", {}, NAMES[option])));
  }
  return () => span;
}
