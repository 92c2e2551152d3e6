import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { History, Shares } from "../../src/api/wire.ts";
import type { AlertRecord } from "../../src/records/alert.ts";
import { startBrowser, view } from "../support/browser.ts";
import { freezableLine } from "../support/freezable-line.ts";
import { CALM, SURGE } from "../support/made-stream.ts";
import { type ServedStream, servedStream } from "../support/served-stream.ts";
import { until } from "../support/until.ts";

/** The page shows what the API has within this, s. */
const PROMISED = 2;
/** Enough for the detectors to know what is usual, s of stream time. */
const PAST = 400;

const browser = await startBrowser();
const text = async (page: Page, selector: string) => (await page.textContent(selector)) ?? "";
const figure = async (page: Page, name: string) => Number(await page.getAttribute("#rate", `data-${name}`));
const mean = (rates: readonly (number | null)[]) =>
  rates.slice(-10).reduce<number>((sum, rate) => sum + (rate ?? 0), 0) / 10;

/** The rate of the last ten seconds, as the API has it. */
async function apiRate({ ask }: ServedStream): Promise<number> {
  return mean((await ask<History>("history"))?.rate ?? []);
}

test("what comes is shown: rate, usual, shares, map, entropy", async () => {
  const stream = await servedStream({ past: PAST });
  stream.goOn(CALM);
  const { page, faults } = await view(browser, `${stream.url}/vis`);
  await until("it is live", async () => (await text(page, "#chip")).includes("Live"));
  await until("the calm stream is told", async () =>
    /^RSVPs come as usual: \d+\.\d a second\.$/.test(await text(page, "#sentence")),
  );
  const seconds = await figure(page, "seconds");
  assert.ok(seconds >= PAST - 10, `${seconds} seconds`);
  await until("seconds are added", async () => (await figure(page, "seconds")) > seconds + 1);
  assert.ok(Math.abs((await figure(page, "now")) - 10) < 3);
  assert.ok(Math.abs((await figure(page, "usual")) - 10) < 3);
  await until(
    "the map is drawn",
    async () => (await page.locator("#map-frame path[data-state]").count()) === 51,
  );
  assert.match(await text(page, "#shares-rows tr"), /California\d+ %/);
  assert.match(
    await text(page, "#entropy-caption"),
    /over 9 categories; the most that is possible is 3\.2 bits/,
  );
  assert.match(
    (await page.getAttribute("#rate-chart", "aria-label")) ?? "",
    /^Line chart of the rate .* usual is/,
  );
  assert.match((await page.getAttribute("#map-frame svg", "aria-label")) ?? "", /^Map of the United States/);
  assert.deepEqual(faults, []);
  await page.context().close();
  await stream.stop();
});

test("a surge is seen in line, shares, map and words as soon as the API has it", async () => {
  const stream = await servedStream({ past: PAST });
  stream.goOn(CALM);
  const { page, faults } = await view(browser, `${stream.url}/vis`);
  await until("the calm stream is told", async () => (await text(page, "#sentence")).includes("as usual"));
  await until(
    "the map is drawn",
    async () => (await page.locator("#map-frame path[data-state]").count()) === 51,
  );
  stream.goOn(SURGE);
  const inTime = (what: string, condition: () => Promise<boolean>) => until(what, condition, PROMISED);

  await until("the API has a surge", async () => (await apiRate(stream)) >= 20);
  await inTime("the line shows it", async () => (await figure(page, "now")) >= 20);
  await until("the API has Texas stand out", async () =>
    (await stream.ask<Shares>("shares"))?.categories.some(
      ({ key, standing }) => key === "TX" && standing === "surging",
    ),
  );
  await Promise.all([
    inTime("the shares show Texas", async () =>
      /^Texas\d+ %▲ \d+\.\d × usual/.test(await text(page, "#shares-rows tr[data-standing=surging]")),
    ),
    inTime("the map shows Texas", async () =>
      ((await page.getAttribute("#map-frame path[data-state=TX]", "data-class")) ?? "").startsWith("more-"),
    ),
    inTime("the words name Texas", async () =>
      /Texas \(.*its usual share\)/.test(await text(page, "#detail")),
    ),
  ]);
  const alert = await until("the API has an alert", async () =>
    (await stream.ask<readonly AlertRecord[]>("alerts"))?.find(
      ({ alert }) => alert === "rate" || alert === "shift",
    ),
  );
  await inTime("the headline tells the episode", async () =>
    /times as fast as usual|makes? up/.test(await text(page, "#sentence")),
  );
  assert.equal(await page.locator("#episodes > li[data-open=true]").count(), 1, alert.text);
  assert.notEqual(await text(page, "#announcement"), "");
  assert.deepEqual(faults, []);
  await page.context().close();
  await stream.stop();
});

test("it goes on by itself when the API ends and starts again on its port", async () => {
  const first = await servedStream({ past: PAST });
  first.goOn(CALM);
  const { page, faults } = await view(browser, `${first.url}/vis`);
  await until("it is live", async () => (await text(page, "#chip")).includes("Live"));
  await first.stop();
  await until("it says that the API is lost", async () =>
    (await text(page, "#chip")).includes("Reconnecting"),
  );
  assert.match(await text(page, "#sentence"), /lost the API and is trying again/);
  assert.equal(await page.isVisible("#rate-chart"), true);
  const second = await servedStream({ past: 100, port: first.port });
  second.goOn(CALM);
  await until("it is live again", async () => (await text(page, "#chip")).includes("Live"));
  await until("it shows the new history", async () => (await figure(page, "seconds")) < PAST);
  assert.deepEqual(faults, []);
  await page.context().close();
  await second.stop();
});

test("a connection that falls silent is given up for a new one", async () => {
  const stream = await servedStream({ past: PAST });
  stream.goOn(CALM);
  const line = await freezableLine(stream.port);
  const { page, faults } = await view(browser, "about:blank");
  await page.clock.install();
  await page.goto(`http://127.0.0.1:${line.port}/vis`);
  await until("it is live", async () => (await text(page, "#chip")).includes("Live"));
  line.freeze();
  await until("it says that the API is lost", async () => {
    await page.clock.runFor(1000);
    return (await text(page, "#chip")).includes("Reconnecting");
  });
  await until("it is live again", async () => {
    await page.clock.runFor(1000);
    return (await text(page, "#chip")).includes("Live");
  });
  assert.deepEqual(faults, []);
  await page.context().close();
  await stream.stop();
});

test("names and titles from the stream are text, whatever they hold", async () => {
  const stream = await servedStream({ past: PAST });
  stream.goOn(CALM);
  const { page, faults } = await view(browser, `${stream.url}/vis`);
  await until("it is live", async () => (await text(page, "#chip")).includes("Live"));
  const evil = "<img src=x onerror=alert(1)>";
  const weights = {
    [evil]: 30,
    "\u202egnp.evil\u202c": 20,
    ["K".repeat(256)]: 20,
    "javascript:alert(2)": 10,
  };
  for (const [i, key] of Object.keys(weights).entries())
    stream.write(
      stream.made.event(key, `<svg onload=alert(${i})> ${"long ".repeat(50)}`, "javascript:alert(3)"),
    );
  stream.goOn({ rate: 30, weights: { ...CALM.weights, ...weights } });
  await until("the shares have them", async () =>
    (await page.locator("#shares-rows").textContent())?.includes(evil),
  );
  await until("improbable events are told", async () => (await page.locator("#events > li").count()) > 0);
  assert.ok((await page.locator("#events").textContent())?.includes("<svg onload=alert("));
  assert.doesNotMatch((await page.locator("body").textContent()) ?? "", /[\u202a-\u202e]/);
  assert.equal(await page.locator("img, iframe, object, script:not([src]), [onload], [onerror]").count(), 0);
  const links = await page
    .locator("a")
    .evaluateAll((all) => all.map((link) => (link as { href?: string }).href));
  assert.ok(
    links.every((href) => /^https:\/\/www\.example\.com\//.test(href ?? "")),
    String(links),
  );
  assert.deepEqual(faults, []);
  await page.context().close();
  await stream.stop();
});
