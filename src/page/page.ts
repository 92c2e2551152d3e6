import type { Health } from "../api/wire.ts";
import { alertsView } from "./alerts-view.ts";
import { connect, type Message } from "./connection.ts";
import { byId, setAttribute, setHidden, setText } from "./dom.ts";
import { drawEmpty } from "./empty-view.ts";
import { entropyChart } from "./entropy-chart.ts";
import * as f from "./format.ts";
import { drawFigures, drawHeader } from "./header-view.ts";
import { load } from "./load.ts";
import { mapView } from "./map-view.ts";
import { readPalette } from "./palette.ts";
import { rateChart } from "./rate-chart.ts";
import { renderClock } from "./render-clock.ts";
import { sharesView } from "./shares-view.ts";
import { startSpans } from "./spans-view.ts";
import { applyAlert, applyLoaded, applyShares, applyStats, applyUsual, initialState } from "./state.ts";
import { storyOf } from "./story.ts";
import { entropySummary, rateSummary } from "./summaries.ts";
import { startTheme } from "./theme.ts";
import { drawTitles } from "./titles-view.ts";

/** Messages that wait for the answers that they follow on. */
const WAITING_MAX = 1000;
/** Charts are put in words for those who do not see them so often, ms. */
const SUMMARY_EVERY = 10_000;

const state = initialState();
let palette = readPalette();
let waiting: Message[] | undefined;
/** The API could not tell all that was asked for. */
let incomplete = false;
/** What is being asked for has been missed anew. */
let again = false;
let summarised = Number.NEGATIVE_INFINITY;

const clock = renderClock(draw);
const span = startSpans(() => {
  summarised = Number.NEGATIVE_INFINITY;
  clock.now();
});
const charts = { rate: rateChart(() => palette), entropy: entropyChart(() => palette) };
const map = mapView();
const shares = sharesView((key) => map.point(key));
const alerts = alertsView();

startTheme(() => {
  palette = readPalette();
  clock.now();
});
connect("events", {
  opened() {
    state.link = "open";
    void refresh();
  },
  received: receive,
  lost() {
    state.link = "lost";
    clock.changed();
  },
});

/** Asks for everything; what comes meanwhile is applied after it. */
async function refresh(): Promise<void> {
  if (waiting !== undefined) {
    again = true;
    return;
  }
  waiting = [];
  again = false;
  const loaded = await load();
  incomplete = loaded === "away" || loaded === "unanswered";
  if (typeof loaded !== "string") applyLoaded(state, loaded);
  const messages = waiting;
  waiting = undefined;
  for (const message of messages) apply(message);
  clock.now();
  if (again) void refresh();
}

function receive(message: Message): void {
  if (waiting === undefined) apply(message);
  else if (waiting.length < WAITING_MAX) waiting.push(message);
  clock.changed();
}

function apply(message: Message): void {
  switch (message.name) {
    case "health":
      receiveHealth(message.data);
      return;
    case "stats":
      if (state.stream === undefined) void refresh();
      else applyStats(state, message.data);
      return;
    case "usual":
      applyUsual(state, message.data);
      return;
    case "shares":
      applyShares(state, message.data);
      return;
    case "alert":
      if (applyAlert(state, message.data)) {
        setText(byId("announcement"), f.withoutStream(message.data.text, message.data.stream));
      }
      return;
    case "skipped":
      void refresh();
  }
}

/** Asks for everything where that is still to be had, or has changed while the store was away. */
function receiveHealth(health: Health): void {
  const wasAway = state.health?.status === "away";
  state.health = health;
  if (health.status === "away" || health.status === "waiting") return;
  if (wasAway || incomplete || state.stream === undefined) void refresh();
}

function draw(): void {
  const known = state.stream !== undefined;
  drawHeader(state, storyOf(state));
  drawEmpty(known || state.health?.status !== "waiting", state.health);
  setHidden(byId("story"), !known);
  setHidden(byId("key"), !known);
  if (!known) return;
  drawFigures(state);
  drawTitles(state, span());
  map.draw(state.shares);
  shares.draw(state.shares);
  alerts.draw(state);
  charts.rate.draw(state, span());
  charts.entropy.draw(state, span());
  if (performance.now() - summarised < SUMMARY_EVERY) return;
  summarised = performance.now();
  setAttribute(byId("rate-chart"), "aria-label", rateSummary(state, span()));
  setAttribute(byId("entropy-chart"), "aria-label", entropySummary(state));
}
