import { byId } from "./dom.ts";

const KEY = "rsvpulse-theme";
type Theme = "light" | "dark";

/** Lets the viewer choose light or dark; until they do, the page is as their system. Calls back on every change. */
export function startTheme(changed: () => void): void {
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = (): Theme => chosen() ?? (system.matches ? "dark" : "light");
  const apply = (): void => {
    const theme = chosen();
    if (theme === undefined) delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    const other = current() === "dark" ? "Light" : "Dark";
    button.textContent = other;
    button.setAttribute("aria-label", `${other} colours`);
    changed();
  };
  button.addEventListener("click", () => {
    remember(current() === "dark" ? "light" : "dark");
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

let unsaved: Theme | undefined;

/** The choice; where storage is blocked, it holds until the page is closed. */
function chosen(): Theme | undefined {
  try {
    const theme = localStorage.getItem(KEY) ?? unsaved;
    return theme === "light" || theme === "dark" ? theme : undefined;
  } catch {
    return unsaved;
  }
}

function remember(theme: Theme): void {
  unsaved = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is blocked or full.
  }
}
