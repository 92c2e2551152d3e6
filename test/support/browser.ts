import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { after } from "node:test";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

/** Names that Chromium goes by. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/** Headless, and silent: it asks nobody for updates. */
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
/** What the page promises to keep: WCAG 2.2, A and AA. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** A page, and what went wrong on it so far: errors, dialogs, breaches of its content security policy. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
}

export interface ViewOptions {
  readonly colours?: "light" | "dark";
  readonly width?: number;
}

/** Starts the Chromium on the PATH (RSVPULSE_CHROMIUM: another) once for a test file; it ends with its tests. */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ARGUMENTS });
  after(() => browser.close());
  return browser;
}

function chromiumPath(): string {
  const given = process.env["RSVPULSE_CHROMIUM"];
  if (given !== undefined) return given;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  if (found === undefined)
    throw new Error(`no Chromium on the PATH (${NAMES.join(", ")}); RSVPULSE_CHROMIUM can name one`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Opens an address as a viewer of its own, with nothing remembered. */
export async function view(browser: Browser, url: string, options: ViewOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    colorScheme: options.colours ?? "light",
    viewport: { width: options.width ?? 1280, height: 900 },
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(`error: ${message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // A server that is away, or has nothing yet, is no fault of the page's.
    if (message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** What axe finds against WCAG 2.2 AA on a page as it is now: one line for each rule. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Not as an element of the page: its policy would refuse that, as it should.
  await page.evaluate(`${axe.source}; undefined`);
  const found = await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).slice(0, 3).join(" ")))`,
  );
  return found as string[];
}
