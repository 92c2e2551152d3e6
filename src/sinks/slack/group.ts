import { fits, type Payload } from "./blocks.ts";
import type { AlertItem, Item } from "./item.ts";
import { isColoured, logMessage } from "./log-message.ts";
import { listOf, messageOf, resolvedLine, textOf } from "./payload.ts";

/** What goes out in one post: the first `count` of the records that wait. */
export interface Post {
  readonly payload: Payload;
  readonly count: number;
}

/** A line of a post: one record, or the chapters of an episode that ended while it waited. */
type Line = readonly [Item, ...Item[]];

/**
 * Takes from waiting records, in order, as many as fit into one post.
 *
 * One alone has a message of its own; several are a list with each text in full. A firing whose end waits too stands
 * with it, and with what came between, on the firing's line. Log records, which have colours, and others do not share
 * a post. None gives undefined. Reads no further than it must.
 */
export function nextPost(waiting: Iterable<Item>, max = Number.POSITIVE_INFINITY): Post | undefined {
  let lines: readonly Line[] = [];
  let payload: Payload | undefined;
  let count = 0;
  let coloured: boolean | undefined;
  for (const item of waiting) {
    coloured ??= isColoured(item);
    if (count >= max || isColoured(item) !== coloured) break;
    const grown = withItem(lines, item);
    const next = payloadOf(grown);
    if (count > 0 && !fits(next)) break;
    lines = grown;
    payload = next;
    count++;
  }
  return payload === undefined ? undefined : { payload, count };
}

function payloadOf(lines: readonly Line[]): Payload {
  const [first, ...others] = lines;
  if (first !== undefined && others.length === 0 && first.length === 1) return messageOf(first[0]);
  const records = lines.map(([item]) => item).filter(isColoured);
  if (records.length > 0) return logMessage(records);
  return listOf(
    lines.map((line) => (line.length === 1 ? textOf(line[0]) : resolvedLine(line as readonly AlertItem[]))),
  );
}

function withItem(lines: readonly Line[], item: Item): readonly Line[] {
  const alone: Line = [item];
  if (item.kind !== "alert" || item.state !== "resolved" || item.id === undefined) return [...lines, alone];
  const isChapter = (line: Line) =>
    line.length === 1 && line[0].kind === "alert" && line[0].id === item.id && line[0].state !== "resolved";
  const began = lines.findLastIndex((line) => isChapter(line) && (line[0] as AlertItem).state === "firing");
  if (began < 0) return [...lines, alone];

  const chapters = lines.slice(began).filter(isChapter).flat();
  const episode = [...chapters, item] as unknown as Line;
  return [...lines.slice(0, began), episode, ...lines.slice(began + 1).filter((line) => !isChapter(line))];
}
