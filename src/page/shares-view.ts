import type { ComparedShare, Shares } from "../api/wire.ts";
import {
  barScale,
  categoriesIn,
  FILTER_FROM,
  FOUND_MAX,
  findCategories,
  type Selection,
  selectCategories,
} from "./categories.ts";
import { byId, el, setAttribute, setHidden, setText } from "./dom.ts";
import * as f from "./format.ts";
import { loadShares } from "./load.ts";
import { sharesWords } from "./summaries.ts";

/** While a search is open, all categories are asked for again so often, ms. */
const SEARCH_EVERY = 5000;

interface Row {
  readonly row: HTMLTableRowElement;
  readonly name: HTMLElement;
  readonly bar: HTMLElement;
  readonly tick: HTMLElement;
  readonly now: HTMLElement;
  readonly change: HTMLElement;
  readonly word: HTMLElement;
}

/** The list of shares, which is drawn anew of what the page knows. */
export interface SharesView {
  draw(shares: Shares | undefined): void;
}

/** Draws shares as bars against ticks; `pointed` is told which category is under the pointer. */
export function sharesView(pointed: (key: string | undefined) => void): SharesView {
  const rows: Row[] = [];
  let latest: Shares | undefined;
  const search = startSearch(() => draw(latest));
  byId("shares-rows").addEventListener("pointerover", ({ target }) => {
    const row = target instanceof Element ? target.closest("tr") : null;
    pointed(row?.dataset["key"]);
  });
  byId("shares-rows").addEventListener("pointerleave", () => pointed(undefined));

  const draw = (shares: Shares | undefined): void => {
    latest = shares;
    if (shares === undefined) {
      setText(byId("shares-caption"), "Nothing with a category has come yet.");
      drawRows(rows, []);
      setText(byId("shares-others"), "");
      return;
    }
    setHidden(byId("filter"), categoriesIn(shares) < FILTER_FROM);
    setText(byId("filter-label"), shares.places === "us-states" ? "Find a state" : "Find a category");
    setText(byId("shares-caption"), sharesWords(shares));
    const { rows: shown, others, found } = search.select(shares);
    drawRows(rows, shown);
    setText(byId("shares-others"), found ?? othersWords(others));
  };
  return { draw };
}

function othersWords({ categories, now, usual }: Selection["others"]): string {
  if (categories === 0) return "";
  const which = categories === 1 ? "1 other" : `${categories.toLocaleString("en-US")} others`;
  return `… and ${which}: ${f.formatShare(now)}${usual === null ? "" : `, usually ${f.formatShare(usual)}`}`;
}

/** Makes as many rows as there are shares, and uses those again that are there. */
function drawRows(rows: Row[], shares: readonly ComparedShare[]): void {
  const scale = barScale(shares);
  while (rows.length < shares.length) rows.push(newRow());
  for (const { row } of rows.splice(shares.length)) row.remove();
  for (const [i, row] of rows.entries()) drawRow(row, shares[i]!, scale);
}

function newRow(): Row {
  const name = el("bdi");
  const bar = el("div", { class: "bar" });
  const tick = el("div", { class: "tick" });
  const now = el("td", { class: "number" });
  const change = el("span");
  const word = el("span", { class: "word" }, " usual");
  const plot = el("td", { class: "plot" }, el("div", { class: "track", "aria-hidden": "true" }, bar, tick));
  const row = el(
    "tr",
    {},
    el("th", { scope: "row", class: "name" }, name),
    plot,
    now,
    el("td", { class: "change" }, change, word),
  );
  byId("shares-rows").append(row);
  return { row, name, bar, tick, now, change, word };
}

function drawRow(
  { row, name, bar, tick, now, change, word }: Row,
  share: ComparedShare,
  scale: number,
): void {
  setAttribute(row, "data-key", share.key);
  setAttribute(row, "data-standing", share.standing);
  setText(name, f.shownName(share.name));
  setText(now, f.formatShare(share.now));
  setText(change, changeWords(share));
  setHidden(word, share.usual === null);
  bar.style.width = `${((100 * share.now) / scale).toFixed(1)}%`;
  tick.hidden = share.usual === null;
  tick.style.left = `${((100 * (share.usual ?? 0)) / scale).toFixed(1)}%`;
}

/** How a share differs, in words: shape and sign tell it without colour. */
function changeWords({ now, usual, standing }: ComparedShare): string {
  const ratio = f.formatRatio(now, usual);
  if (standing === "surging") return ratio === undefined ? "▲ new" : `▲ ${ratio}`;
  if (standing === "fallen") return `▼ ${ratio ?? "0 ×"}`;
  return f.formatShare(usual);
}

interface Search {
  select(shares: Shares): Selection & { readonly found?: string };
}

/** Finds any category, those that `/events` leaves out as well. */
function startSearch(changed: () => void): Search {
  const input = byId<HTMLInputElement>("filter-words");
  let all: Shares | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  const words = () => input.value.trim();
  const refresh = async (): Promise<void> => {
    if (performance.now() - askedAt < SEARCH_EVERY) return;
    askedAt = performance.now();
    all = (await loadShares()) ?? all;
    if (words() !== "") changed();
  };
  input.addEventListener("input", () => {
    void refresh();
    changed();
  });
  return {
    select(shares) {
      if (words() === "") {
        all = undefined;
        return selectCategories(shares);
      }
      void refresh();
      const found = findCategories((all ?? shares).categories, words());
      const many = found.length > FOUND_MAX ? ` The first ${FOUND_MAX} are shown.` : "";
      const count = found.length === 1 ? "1 category" : `${found.length.toLocaleString("en-US")} categories`;
      const others = { categories: 0, now: 0, usual: null };
      return { rows: found.slice(0, FOUND_MAX), others, found: `${count} found.${many}` };
    },
  };
}
