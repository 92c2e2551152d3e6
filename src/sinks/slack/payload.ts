import { formatSpan } from "../../core/spans.ts";
import type { Example } from "../../records/alert.ts";
import { type Block, dateOf, fits, mrkdwn, type Payload, sections } from "./blocks.ts";
import { cleanText, cutText, escapeText, shortText } from "./escape.ts";
import type { AlertItem, Item } from "./item.ts";
import * as limits from "./limits.ts";
import { factBlocks, isColoured, logMessage, logText, repeatsText } from "./log-message.ts";
import { sparkline } from "./sparkline.ts";

const { LIMITS, TEXT_CHARS_MAX } = limits;

/** All that is shown of one record as one text, escaped and in full up to TEXT_CHARS_MAX. */
export function textOf(item: Item): string {
  const text = shortText(item.text.trim(), TEXT_CHARS_MAX);
  switch (item.kind) {
    case "alert":
      return `${iconOf(item)} ${text}`;
    case "text":
      return text + repeatsText(item);
    case "log":
      return logText(item);
    case "code":
      return codeOf(item.text);
  }
}

/** A firing and its end, with what came between, on one line that holds every text in full. */
export function resolvedLine(chapters: readonly AlertItem[]): string {
  const texts = chapters.map(({ text }) => shortText(text.trim().replace(/\s*\n\s*/g, " "), TEXT_CHARS_MAX));
  return `✅ ${texts.join(" → ")}`;
}

/** One record that has a message of its own. */
export function messageOf(item: Item): Payload {
  if (isColoured(item)) return logMessage([item]);
  const text = textOf(item);
  if (item.kind !== "alert") return { text, blocks: [...sections(text), ...factBlocks(item)] };

  const blocks = sections(shortText(item.text.trim(), TEXT_CHARS_MAX));
  blocks.unshift({ type: "header", text: { type: "plain_text", text: alertTitle(item), emoji: true } });
  const whole = [...blocks, ...whyBlocks(item), ...historyBlocks(item), ...exampleBlocks(item)];
  const payload: Payload = { text, blocks: [...whole, ...contextBlocks(item)] };
  // Text comes first: where there is no room for both, the rest gives way.
  return fits(payload) ? payload : { text, blocks };
}

/** Several lines, each as `textOf` or `resolvedLine` gives it, in one message. */
export const listOf = (lines: readonly string[]): Payload => ({
  text: lines.join("\n"),
  blocks: lines.flatMap(sections),
});

function iconOf({ alert, state }: AlertItem): string {
  switch (state) {
    case "resolved":
      return "✅";
    case "reminder":
      return "⏰";
    case "update":
      return "🟠";
    case "firing":
      // Blind is a fact about us, not about the world.
      return alert === "blind" ? "🙈" : "🔴";
  }
}

const STATE_WORDS = {
  firing: "",
  update: "update",
  reminder: "still going on",
  resolved: "resolved",
} as const;

/** Fields that a reader could take for the opposite. */
const FIELD_WORDS: Readonly<Record<string, string>> = { avg: "mean gap" };

function alertTitle(item: AlertItem): string {
  const side = item.direction === "down" ? "low" : "high";
  const field = (item.field ?? item.alert).replace(/^share\./, "share of ");
  const what = item.direction === undefined ? item.alert : `${FIELD_WORDS[field] ?? field} is ${side}`;
  const named = [item.stream, what, STATE_WORDS[item.state]].filter(Boolean).join(" · ");
  // A header is plain text: Slack shows it as it is, so nothing in it is escaped.
  return cutText(cleanText(`${iconOf(item)} ${named}`).replace(/\s+/g, " "), LIMITS.header);
}

/** JSON between fences. A backquote is written as its JSON escape, so that it cannot end the fence. */
function codeOf(json: string): string {
  const shown = shortText(json.slice(0, LIMITS.section * 4).replaceAll("`", "\\u0060"), LIMITS.section - 6);
  return `\`\`\`${shown}\`\`\``;
}

/** The causes with their shares of the change; the bars compare them. */
function whyBlocks({ alert, why }: AlertItem): Block[] {
  // One event comes from one place, which its text names.
  if (why.length === 0 || alert === "unusual") return [];
  const shown = why.slice(0, limits.CAUSES_MAX);
  const more = why.length - shown.length;
  const bars = sparkline(shown.map(({ share }) => Math.abs(share)));
  const title = `*Where the change is* ${bars}${more > 0 ? ` (${more} more)` : ""}`;
  const fields = shown.map(({ category, share }) =>
    mrkdwn(`${shortText(category, limits.CATEGORY_CHARS_MAX)}  ${Math.round(share * 100)} %`),
  );
  return [{ type: "section", text: mrkdwn(title), fields }];
}

function historyBlocks({ history }: AlertItem): Block[] {
  if (history.length < 2) return [];
  return [{ type: "context", elements: [mrkdwn(sparkline(history.slice(-60)))] }];
}

function exampleBlocks({ examples }: AlertItem): Block[] {
  const lines = examples.slice(0, limits.EXAMPLES_MAX).map((example) => `• ${exampleLine(example)}`);
  return lines.length === 0 ? [] : sections(lines.join("\n"));
}

function exampleLine({ text, url }: Example): string {
  const shown = shortText(text.replace(/\s+/g, " ").trim(), limits.EXAMPLE_CHARS_MAX);
  const link = linkOf(url);
  // Between < and > a bar ends the address.
  return link === undefined ? shown : `<${link}|${shown.replaceAll("|", "¦")}>`;
}

/** An address that may stand in a link; undefined for what is none, or is not of the web. */
function linkOf(url: string | null): string | undefined {
  if (url === null || !URL.canParse(url)) return undefined;
  const { href, protocol } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return undefined;
  const link = escapeText(href.replaceAll("|", "%7C"));
  return link.length <= limits.LINK_CHARS_MAX ? link : undefined;
}

function contextBlocks({ since, duration, reason, state }: AlertItem): Block[] {
  const facts: string[] = [];
  if (since !== undefined) facts.push(`since ${dateOf(since)}`);
  if (duration !== undefined && duration >= 1) {
    facts.push(`${state === "resolved" ? "lasted" : "for"} ${formatSpan(duration)}`);
  }
  if (reason !== undefined) facts.push(shortText(reason, limits.CATEGORY_CHARS_MAX));
  return facts.length === 0 ? [] : [{ type: "context", elements: [mrkdwn(facts.join(" · "))] }];
}
