import { byId, el, setAttribute, setHidden, setText } from "./dom.ts";
import * as f from "./format.ts";
import { eventsIn, newest, SMOOTHED } from "./series.ts";
import { type PageState, ratesOf } from "./state.ts";
import { type Standing, type Story, titleOf } from "./story.ts";

/** The chip's shapes, in a square of 16: the state is told by words, shape and colour. */
const SHAPES: Readonly<Record<Standing, string>> = {
  live: "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z",
  blind: "M3 3h10v10h-10z M5 6.5h6v3h-6z",
  waiting: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12z M8 4.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z",
  away: "M8 2l6.5 12h-13z",
  ended: "M3.5 3.5h9v9h-9z",
  reconnecting: "M8 1.5l6.5 6.5l-6.5 6.5l-6.5-6.5z M8 5l3 3l-3 3l-3-3z",
  connecting: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12z M8 4.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z",
};

/** The icon's shape and colour by mood: on a light and on a dark tab bar alike. */
const ICONS: Readonly<Record<Story["mood"], readonly [string, string]>> = {
  usual: ["M1 9h4l2-4 3 7 2-3h3", "#4f86b8"],
  up: ["M8 2l6.5 12h-13z", "#d9731a"],
  down: ["M8 14l6.5-12h-13z", "#8a78cf"],
  shift: ["M8 1l7 7l-7 7l-7-7z", "#1b93a6"],
  blind: ["M2 2h12v12h-12z", "#8b8f98"],
};

/** Draws what stands above the charts: connection, sentence, figures, title and icon. */
export function drawHeader(state: PageState, story: Story): void {
  setText(byId("stream"), f.shown(state.stream ?? state.health?.stream ?? "", 80));
  setAttribute(byId("chip"), "data-standing", story.standing);
  setAttribute(byId("chip-shape"), "d", SHAPES[story.standing]);
  setText(byId("chip-label"), story.label);
  setText(byId("sentence"), story.sentence);
  setText(byId("detail"), story.detail);
  setAttribute(byId("main"), "data-mood", story.mood);
  const stale = state.stream !== undefined && !["live", "ended"].includes(story.standing);
  byId("story").classList.toggle("dimmed", stale);
  drawNotice(state, story);
  const title = titleOf(story, state);
  if (document.title !== title) document.title = title;
  setAttribute(byId("icon"), "href", iconOf(story));
}

/** What is wrong and what to do, where the sentence has not said it. */
function drawNotice({ health, link }: PageState, { sentence, standing }: Story): void {
  const detail = f.shown(health?.detail ?? "");
  const told = link !== "open" || detail === "" || standing === "waiting" || sentence.includes(detail);
  setHidden(byId("notice"), told);
  setText(byId("notice"), told ? "" : detail);
}

function iconOf({ mood }: Story): string {
  const [path, colour] = ICONS[mood];
  const paint = mood === "usual" ? `fill='none' stroke='${colour}' stroke-width='2'` : `fill='${colour}'`;
  const icon = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path d='${path}' ${paint}/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(icon)}`;
}

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly note: string;
}

const cells = new Map<
  number,
  { readonly name: Element; readonly value: Element; readonly unit: Element; readonly note: Element }
>();

/** Draws the key figures; their elements are made once. */
export function drawFigures(state: PageState): void {
  figuresOf(state).forEach((figure, i) => {
    const cell = cells.get(i) ?? newCell(i);
    setText(cell.name, figure.name);
    setText(cell.value, figure.value);
    setText(cell.unit, figure.unit);
    setText(cell.note, figure.note);
  });
}

function newCell(i: number) {
  const cell = {
    name: el("dt"),
    value: el("span", { class: "value" }),
    unit: el("span", { class: "unit" }),
    note: el("dd", { class: "note" }),
  };
  byId("figures").append(el("div", {}, cell.name, el("dd", {}, cell.value, " ", cell.unit), cell.note));
  cells.set(i, cell);
  return cell;
}

function figuresOf(state: PageState): Figure[] {
  const { stats, series } = state;
  const { now, usual } = ratesOf(state);
  const noun = f.shown(state.noun, 40);
  const window = stats?.window ?? null;
  const categories = stats?.categories ?? null;
  const entropy = newest(series.entropy);
  const ratio = f.formatRatio(now, usual);
  return [
    {
      name: "Rate now",
      value: f.formatRate(now),
      unit: "a second",
      note: ratio === undefined ? `mean of ${SMOOTHED} s` : `${ratio} usual`,
    },
    {
      name: "Usual",
      value: f.formatRate(usual),
      unit: "a second",
      note: usual === null ? "still being learnt" : "as learnt from the stream",
    },
    {
      name: "Mean gap",
      value: f.formatNumber(stats?.avg),
      unit: "s",
      note: window === null ? "between two" : `in the last ${f.formatSpan(window)}`,
    },
    { name: "Silence", value: f.formatNumber(stats?.silence), unit: "s", note: `since the newest ${noun}` },
    {
      name: "Entropy",
      value: entropy === null ? f.UNKNOWN : entropy.toFixed(2),
      unit: "bits",
      note:
        (categories ?? 0) === 0
          ? "of where they come from"
          : `${Math.round(categories ?? 0).toLocaleString("en-US")} categories`,
    },
    {
      name: "Last hour",
      value: Math.round(eventsIn(series)).toLocaleString("en-US"),
      unit: "",
      note: f.plural(noun),
    },
  ];
}
