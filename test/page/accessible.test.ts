import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessibilityFaults, startBrowser, type ViewOptions, view } from "../support/browser.ts";
import { CALM, SURGE } from "../support/made-stream.ts";
import { servedStream } from "../support/served-stream.ts";
import { until } from "../support/until.ts";

const browser = await startBrowser();
const VIEWS: readonly ViewOptions[] = [{ colours: "light" }, { colours: "dark" }, { width: 320 }];

/** Looks at a page in light, in dark and on a phone, once it has what is looked for. */
async function lookAt(
  url: string,
  awaited: { readonly selector: string; readonly pattern: RegExp },
): Promise<void> {
  for (const options of VIEWS) {
    const { page } = await view(browser, url, options);
    await until(`${awaited.selector} has ${awaited.pattern}`, async () =>
      awaited.pattern.test((await page.textContent(awaited.selector)) ?? ""),
    );
    assert.deepEqual(await accessibilityFaults(page), [], JSON.stringify(options));
    assert.equal(await overhang(page), 0, `${JSON.stringify(options)} scrolls sideways`);
    await page.context().close();
  }
}

/** By how much the page is wider than the window, px. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

test("while nothing has come it says what to do, and keeps WCAG 2.2 AA", async () => {
  const { url, stop } = await servedStream();
  await lookAt(`${url}/vis`, { selector: "#empty", pattern: /bin\/simulate --story demo/ });
  await stop();
});

test("calm and in a surge it keeps WCAG 2.2 AA, in light, in dark and on a phone", async () => {
  const stream = await servedStream({ past: 400 });
  stream.goOn(CALM);
  await lookAt(`${stream.url}/vis`, { selector: "#sentence", pattern: /as usual/ });
  stream.goOn(SURGE);
  await lookAt(`${stream.url}/vis`, { selector: "#shares-rows", pattern: /▲/ });
  await stream.stop();
});

test("the keyboard reaches the time shown, the map, the search and the colours", async () => {
  const stream = await servedStream({ past: 100 });
  const keys = Array.from({ length: 40 }, (_, i) => [`k${i}`, 1] as const);
  const mix = { rate: 60, weights: { ...CALM.weights, CA: 500, NY: 400, ...Object.fromEntries(keys) } };
  stream.write(stream.made.seconds(200, mix));
  stream.goOn(mix);
  const { page, faults } = await view(browser, `${stream.url}/vis`);
  await until(
    "the map is drawn",
    async () => (await page.locator("#map-frame path[data-state]").count()) === 51,
  );
  await until("there is a search", () => page.isVisible("#filter-words"));

  await page.locator("#theme").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.name"), "span");
  await page.keyboard.press("ArrowLeft");
  await until("less time is shown", async () =>
    /last 15 minutes/.test((await page.getAttribute("#rate-chart", "aria-label")) ?? ""),
  );
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.id"), "map-frame");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  await until("a state is told", async () => /^\S.*: /.test((await page.textContent("#map-readout")) ?? ""));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.id"), "filter-words");
  await page.keyboard.type("k39");
  await until("one is found", async () => (await page.textContent("#shares-others")) === "1 category found.");
  await page.reload();
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  assert.deepEqual(faults, []);
  await stream.stop();
});
