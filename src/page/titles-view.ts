import { byId, setAttribute, setText } from "./dom.ts";
import * as f from "./format.ts";
import { grainOf } from "./rate-chart.ts";
import { type PageState, ratesOf } from "./state.ts";
import { entropyWords, rateWords } from "./summaries.ts";
import type { Span } from "./time-axis.ts";

/** Titles speak of what the stream's events are called; figures are there for programs as well. */
export function drawTitles(state: PageState, span: Span): void {
  const events = f.plural(f.shown(state.noun, 40));
  const { now, usual } = ratesOf(state);
  setText(byId("rate-title"), `How fast ${events} come`);
  setText(byId("rate-caption"), rateWords(state, grainOf(state, span)));
  setText(byId("entropy-title"), `How evenly ${events} spread`);
  setText(byId("unusual-title"), `Improbable ${events}`);
  setText(byId("entropy-caption"), entropyWords(state));
  setAttribute(byId("rate"), "data-now", String(now ?? ""));
  setAttribute(byId("rate"), "data-usual", String(usual ?? ""));
  setAttribute(byId("rate"), "data-seconds", String(state.series.seconds.length));
}
