import { Option } from "../core/cli.ts";
import { jsonScanner } from "../core/json-scan.ts";
import type { EventAtHand } from "../records/event-reader.ts";
import type { ShownEvent } from "../records/shown-event.ts";
import { parseSource, type Source } from "./catalogue.ts";
import { type Showing, type ShownMessage, showingOf, shownMessage, shownValues } from "./showing.ts";

const QUOTE = 0x22;

/** `--source` of a tool that shows events. */
export const sourceOption = () =>
  new Option(
    "--source <name>",
    "where messages have words and a link: as in this source (default: the one that the stream is called after)",
  ).argParser(parseSource);

export interface ShowingOptions {
  /** How all messages are shown; undefined: as the source's that their stream is called after. */
  readonly source?: Source | undefined;
  /** Lines are raw messages, not records that hold one. */
  readonly raw: boolean;
}

/** Tells how events are shown. A line whose message is no JSON has nothing to show. Holds a scanner for each source. */
export function eventShower({
  source,
  raw,
}: ShowingOptions): (event: Pick<EventAtHand, "stream" | "id" | "line">) => ShownEvent {
  const readers = new Map<Showing, (line: Buffer) => ShownMessage>();
  return ({ stream, id, line }) => {
    const showing = source ?? showingOf(stream);
    let read = readers.get(showing);
    if (read === undefined) {
      read = lineReader(showing, raw);
      readers.set(showing, read);
    }
    return { id: id(), noun: showing.noun, ...read(line()) };
  };
}

/** Finds words and link in a line without building the rest of it. */
function lineReader(showing: Showing, raw: boolean): (line: Buffer) => ShownMessage {
  const { words, links = [] } = showing;
  const paths = [...new Set([words, ...links])].filter((path) => path !== undefined);
  const { scan, starts, ends } = jsonScanner(paths.map((path) => (raw ? path : `event.${path}`)));
  return (line) => {
    if (!scan(line, 0, line.length)) return slowlyRead(line, showing, raw);
    const textAt = (path: string | undefined): unknown => {
      const slot = path === undefined ? -1 : paths.indexOf(path);
      const start = starts[slot] ?? -1;
      return line[start] === QUOTE ? JSON.parse(line.toString("utf8", start, ends[slot])) : undefined;
    };
    return shownValues({ text: textAt(words), addresses: links.map(textAt) });
  };
}

/** Whatever looked odd to the scanner: JSON.parse decides. */
function slowlyRead(line: Buffer, showing: Showing, raw: boolean): ShownMessage {
  try {
    const parsed = JSON.parse(line.toString("utf8")) as { readonly event?: unknown };
    return shownMessage(raw ? parsed : parsed.event, showing);
  } catch (error) {
    if (error instanceof SyntaxError) return shownMessage(undefined, showing);
    throw error;
  }
}
