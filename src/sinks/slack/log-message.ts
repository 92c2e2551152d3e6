import { formatSpan } from "../../core/spans.ts";
import { type Attachment, type Block, dateOf, fits, mrkdwn, type Payload, sections } from "./blocks.ts";
import { shortText } from "./escape.ts";
import { type Item, type OtherItem, severityRank } from "./item.ts";
import { FACT_CHARS_MAX, FACT_NAME_CHARS_MAX, LIMITS, TEXT_CHARS_MAX } from "./limits.ts";

/** A log record with a severity: it is shown in that severity's colour. */
type ColouredItem = OtherItem & { readonly kind: "log"; readonly severity: string };

export const isColoured = (item: Item): item is ColouredItem =>
  item.kind === "log" && item.severity !== undefined;

/** An icon and a colour, by the severity's place among Cloud Logging's; the last is for any other word. */
const LOOKS: readonly (readonly [icon: string, colour: string])[] = [
  ["⚪", "#9e9e9e"],
  ["🔵", "#9e9e9e"],
  ["🔵", "#2f80ed"],
  ["🟡", "#f2c744"],
  ["🔴", "#d72b3f"],
  ["🔥", "#8b1a2b"],
  ["🔥", "#8b1a2b"],
  ["🔥", "#8b1a2b"],
  ["🔵", "#2f80ed"],
];
const lookOf = (severity: string) => LOOKS[severityRank(severity)]!;

/** `🔴 *ERROR ingest*`; nothing where neither is known. */
function titleOf({ severity, tool }: OtherItem): string {
  const names = [severity, tool].flatMap((name) => (name === undefined ? [] : [shortText(name, 40)]));
  if (names.length === 0) return "";
  return `${severity === undefined ? "" : lookOf(severity)[0]} *${names.join(" ")}*`.trim();
}

/** A log record as one text, escaped. */
export const logText = (item: OtherItem): string => [titleOf(item), bodyOf(item)].filter(Boolean).join(" ");

const bodyOf = (item: OtherItem): string => shortText(item.text.trim(), TEXT_CHARS_MAX) + repeatsText(item);

/** What a record adds that stands for several. */
export function repeatsText({ repeats }: OtherItem): string {
  if (repeats === undefined) return "";
  const times = repeats.count === 1 ? "once more" : `${repeats.count} more times`;
  return ` (${times} in ${formatSpan(repeats.within)})`;
}

/** Log records, each beside its colour: one with a title of its own, several under their number. */
export function logMessage(items: readonly ColouredItem[]): Payload {
  const text = items.map(logText).join("\n");
  const [first] = items;
  const isOne = items.length === 1 && first !== undefined;
  const title = isOne ? titleOf(first) : `*${items.length} log records*`;
  const whole = (attachmentOf: (item: ColouredItem) => Attachment): Payload => ({
    text,
    blocks: sections(title),
    attachments: items.map(attachmentOf),
  });
  const textsOf = (item: ColouredItem) => sections(isOne ? bodyOf(item) : logText(item));
  const payload = whole((item) => coloured(item, [...textsOf(item), ...factBlocks(item)]));
  // Text comes first: where one has no room for both, the rest gives way. Several go out in more posts instead.
  return fits(payload) || !isOne ? payload : whole((item) => coloured(item, textsOf(item)));
}

const coloured = ({ severity }: ColouredItem, blocks: readonly Block[]): Attachment => ({
  color: lookOf(severity)[1],
  blocks,
});

/** The facts beside a message, ten at most, and when it was said. */
export function factBlocks({ facts = [], time }: OtherItem): Block[] {
  const blocks: Block[] = [];
  const isMany = facts.length > LIMITS.fields;
  const fields = facts.slice(0, isMany ? LIMITS.fields - 1 : LIMITS.fields).map(({ name, value }) => {
    const shown = shortText(value.trim(), FACT_CHARS_MAX);
    return mrkdwn(`*${shortText(name.trim(), FACT_NAME_CHARS_MAX)}*\n${shown}`);
  });
  if (isMany) fields.push(mrkdwn(`… ${facts.length - LIMITS.fields + 1} more`));
  if (fields.length > 0) blocks.push({ type: "section", fields });
  const t = time === undefined ? Number.NaN : Date.parse(time);
  if (!Number.isNaN(t)) blocks.push({ type: "context", elements: [mrkdwn(dateOf(t))] });
  return blocks;
}
