import type { Health } from "../api/wire.ts";
import { byId, el, setHidden } from "./dom.ts";
import { shown } from "./format.ts";

/** Draws what to do while there is nothing to show. */
export function drawEmpty(hidden: boolean, health: Health | undefined): void {
  const section = byId("empty");
  setHidden(section, hidden);
  const wanted = hidden || health === undefined ? "" : `${health.origin} ${health.detail ?? ""}`;
  if (section.dataset["shows"] === wanted) return;
  section.dataset["shows"] = wanted;
  byId("empty-help").replaceChildren(...(wanted === "" || health === undefined ? [] : help(health)));
}

function help({ origin, detail }: Health): HTMLElement[] {
  const told = detail === undefined ? [] : [el("p", {}, shown(detail))];
  if (origin === "stdin") {
    return [
      ...told,
      el(
        "p",
        {},
        "Events come on standard input; the first one is awaited. This page shows them as they come.",
      ),
      el("p", {}, "For a stream to try it with, in two terminals:"),
      commands(
        "bin/simulate --story demo",
        "bin/ingest --url http://127.0.0.1:8181/2/rsvps | bin/api --stdin",
      ),
    ];
  }
  return [
    ...(told.length > 0 ? told : [el("p", {}, "The store has no stream yet.")]),
    el("p", {}, "Begin to fill it, and this page goes on by itself:"),
    commands("scripts/ingest.sh"),
    el("p", {}, "For a stream to try it with, in two terminals:"),
    commands("bin/simulate --story demo", "scripts/ingest.sh --url http://127.0.0.1:8181/2/rsvps"),
    el("p", {}, "Alerts come from a third (--dry-run while there is no Slack webhook):"),
    commands("scripts/notify.sh"),
  ];
}

const commands = (...lines: readonly string[]): HTMLElement =>
  el("pre", { tabindex: "0" }, el("code", {}, lines.join("\n")));
