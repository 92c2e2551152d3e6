import { Option } from "../core/cli.ts";
import { plainText } from "../core/plain-text.ts";
import { PLAIN_WORDS, type Words } from "../detect/change-words.ts";
import { valueIn } from "../records/message.ts";
import type { ShownEvent } from "../records/shown-event.ts";
import { CATALOGUE, parseSource, type Source, sourceNamed } from "./catalogue.ts";

/** Longest text that is shown of a message, characters. */
const WORDS_CHARS_MAX = 200;
/** Longer addresses are no links, characters. */
const LINK_CHARS_MAX = 2000;

/** Where messages have words and a link, and what one is called. */
export type Showing = Pick<Source, "words" | "links" | "noun">;

/** Of a source that is not in the catalogue. */
const UNKNOWN: Showing = { ...CATALOGUE[0], noun: "event" };

/** What a person is shown of a message: words on one line of at most 200 characters; a link, http and https only. */
export type ShownMessage = Pick<ShownEvent, "words" | "url">;

/** How the messages of a stream are shown: as its source's in the catalogue; where none has that name, as well as may be. */
export function showingOf(stream: string): Showing {
  return sourceNamed(stream) ?? UNKNOWN;
}

/** What the events and categories of a stream are called, by its name or by the source that is given. */
export function wordsOf(stream: string, source: Source | undefined): Words {
  const { noun, nameOf = PLAIN_WORDS.nameOf } = source ?? sourceNamed(stream) ?? PLAIN_WORDS;
  return { noun, nameOf };
}

/** `--source` of a tool that has no messages to show, but speaks of their stream. */
export const wordsOption = () =>
  new Option(
    "--source <name>",
    "what events and categories are called: as in this source (default: the one that the stream is called after)",
  ).argParser(parseSource);

/** Finds words and link in a message. */
export function shownMessage(message: unknown, { words, links = [] }: Showing): ShownMessage {
  return shownValues({
    text: words === undefined ? undefined : valueIn(message, words),
    addresses: links.map((path) => valueIn(message, path)),
  });
}

/** What is shown of the values that a message has for words and for links, of which the first that is one counts. */
export function shownValues(values: { text: unknown; addresses: readonly unknown[] }): ShownMessage {
  const { text, addresses } = values;
  const shown = typeof text === "string" ? plainText(text, WORDS_CHARS_MAX) : "";
  const url = addresses.reduce<string | undefined>((found, address) => found ?? linkIn(address), undefined);
  return { words: shown === "" ? undefined : shown, url };
}

function linkIn(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > LINK_CHARS_MAX || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
}
