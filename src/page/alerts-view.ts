import type { AlertRecord, Cause, Example } from "../records/alert.ts";
import { byId, el, setHidden, setText } from "./dom.ts";
import { type Episode, improbable, kindOf, toneOf } from "./episodes.ts";
import * as f from "./format.ts";
import { edgeOf, nameOf, type PageState } from "./state.ts";

/** When no category carries at least this part of a change, none is named. */
const CAUSE_MIN = 0.2;
/** Entries that are shown unasked. */
const EPISODES_SHOWN = 6;
const EVENTS_SHOWN = 8;

/** Lists of what happened, drawn anew when an alert came. */
export interface AlertsView {
  draw(state: PageState): void;
}

/** Draws episodes and improbable events; a button shows all that are kept. */
export function alertsView(): AlertsView {
  let drawn: { readonly alerts: readonly AlertRecord[]; readonly named: boolean } | undefined;
  let latest: PageState | undefined;
  const open = { episodes: false, events: false };
  const redraw = (): void => {
    if (latest === undefined) return;
    drawEpisodes(latest, open.episodes);
    drawEvents(latest, open.events);
  };
  for (const list of ["episodes", "events"] as const) {
    byId(`${list}-more`).addEventListener("click", () => {
      open[list] = !open[list];
      redraw();
    });
  }
  return {
    draw(state) {
      latest = state;
      const named = state.shares !== undefined;
      if (drawn?.alerts === state.alerts && drawn.named === named) return;
      drawn = { alerts: state.alerts, named };
      redraw();
    },
  };
}

/** Where alerts come from, for a list that has none. */
const HINTS = {
  store: { alerts: " Alerts come from scripts/notify.sh.", unusual: " They come from scripts/ingest.sh." },
  stdin: { alerts: "", unusual: "" },
} as const;

function drawEpisodes(state: PageState, all: boolean): void {
  const { episodes, health } = state;
  const shown = all ? episodes : episodes.slice(0, EPISODES_SHOWN);
  byId("episodes").replaceChildren(...shown.map((episode) => episodeEntry(state, episode)));
  setHidden(byId("alerts-none"), episodes.length > 0);
  setText(byId("alerts-none"), `Nothing out of the ordinary.${HINTS[health?.origin ?? "stdin"].alerts}`);
  drawMore(byId("episodes-more"), episodes.length - EPISODES_SHOWN, all);
}

function drawMore(button: HTMLElement, hidden: number, all: boolean): void {
  setHidden(button, hidden <= 0);
  setText(button, all ? "Show fewer" : `Show ${hidden} more`);
  button.setAttribute("aria-expanded", String(all));
}

function episodeEntry(state: PageState, episode: Episode): HTMLElement {
  const { told, over, since, end } = episode;
  const now = edgeOf(state) * 1000;
  const lasted = end === undefined ? "ongoing" : `over after ${f.formatSpan((end - since) / 1000)}`;
  const stream = state.stream ?? told.stream;
  return el(
    "li",
    { "data-tone": toneOf(episode), "data-open": String(end === undefined) },
    el(
      "p",
      { class: "meta" },
      el("strong", { class: "kind" }, kindOf(episode)),
      el("time", { datetime: isoTime(since) }, f.formatDayTime(since, now)),
      el("span", { class: "lasted" }, lasted),
    ),
    el(
      "div",
      { class: "body" },
      el("p", { class: "text" }, f.withoutStream(told.text, stream)),
      over === undefined || over === told
        ? undefined
        : el("p", { class: "over" }, f.withoutStream(over.text, stream)),
      (told.why[0]?.share ?? 0) < CAUSE_MIN ? undefined : causes(state, told.why),
      told.examples.length === 0
        ? undefined
        : el("p", { class: "examples" }, "Such as ", ...examples(told.examples)),
    ),
  );
}

const isoTime = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : "");

/** The categories that carry a change, as bars of their part of it. */
function causes(state: PageState, why: readonly Cause[]): HTMLElement {
  const bars = why.slice(0, 5).map(({ category, share }) => {
    const bar = el("span", { class: "part", "aria-hidden": "true" });
    bar.style.width = `${(Math.min(1, Math.max(0, share)) * 6).toFixed(2)}rem`;
    const name = el("bdi", {}, f.shownName(nameOf(state, category)));
    return el("li", {}, name, bar, el("span", { class: "number" }, `${f.formatShare(share)} of the change`));
  });
  return el("ul", { class: "causes", "aria-label": "What carries the change" }, ...bars);
}

function examples(list: readonly Example[]): (Node | string)[] {
  return list.slice(0, 3).flatMap((example, i) => [i === 0 ? "" : ", ", linked(example)]);
}

/** An event's words, as a link where it has one that is safe to follow. */
function linked({ text, url }: Example, words = f.shown(text, 120) || "untitled"): HTMLElement {
  const href = safeLinkAttributes(url);
  return href === undefined ? el("bdi", {}, words) : el("a", href, el("bdi", {}, words));
}

function safeLinkAttributes(url: string | null): Record<string, string> | undefined {
  const href = f.safeLink(url);
  return href === undefined ? undefined : { href, target: "_blank", rel: "noopener noreferrer" };
}

function drawEvents(state: PageState, all: boolean): void {
  const found = improbable(state.alerts);
  const shown = all ? found : found.slice(0, EVENTS_SHOWN);
  const now = edgeOf(state) * 1000;
  const entries = shown.map((alert) => {
    const text = f.withoutStream(alert.text, state.stream ?? alert.stream);
    const time = el("time", { datetime: isoTime(alert.t) }, f.formatDayTime(alert.t, now));
    return el("li", {}, time, el("p", { class: "text" }, ...withLink(text, alert.examples[0])));
  });
  byId("events").replaceChildren(...entries);
  setHidden(byId("unusual-none"), found.length > 0);
  setText(byId("unusual-none"), `None yet.${HINTS[state.health?.origin ?? "stdin"].unusual}`);
  drawMore(byId("events-more"), found.length - EVENTS_SHOWN, all);
}

/** A sentence whose quoted title is a link; where the title is not in it, the link follows. */
function withLink(text: string, example: Example | undefined): (Node | string)[] {
  if (example === undefined || f.safeLink(example.url) === undefined) return [text];
  const [, before, title, after] = /^(.*?“)(.+)(”.*)$/.exec(text) ?? [];
  if (before === undefined || title === undefined || after === undefined) return [text, " ", linked(example)];
  return [before, linked(example, title), after];
}
