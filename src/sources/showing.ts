import { plainText } from "../core/plain-text.ts";
import { valueIn } from "../records/message.ts";
import { CATALOGUE, type Source, sourceNamed } from "./catalogue.ts";

/** Longest text that is shown of a message, characters. */
const WORDS_CHARS_MAX = 200;
/** Longer addresses are no links, characters. */
const LINK_CHARS_MAX = 2000;

/** Where messages have words and a link, and what one is called. */
export type Showing = Pick<Source, "words" | "link" | "noun">;

/** What a person is shown of a message. */
export interface ShownMessage {
  /** Its words, on one line of at most 200 characters; undefined where it has none. */
  readonly words: string | undefined;
  /** A link to it; http and https only. */
  readonly url: string | undefined;
}

/** How the messages of a stream are shown: as its source's in the catalogue; where none has that name, as well as may be. */
export function showingOf(stream: string): Showing {
  return sourceNamed(stream) ?? { ...CATALOGUE[0], noun: "event" };
}

/** Finds words and link in a message. */
export function shownMessage(message: unknown, { words, link }: Showing): ShownMessage {
  const text = words === undefined ? undefined : valueIn(message, words);
  const url = link === undefined ? undefined : valueIn(message, link);
  const shown = typeof text === "string" ? plainText(text, WORDS_CHARS_MAX) : "";
  return { words: shown === "" ? undefined : shown, url: linkIn(url) };
}

function linkIn(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > LINK_CHARS_MAX || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
}
