/** Something that happened, as ingest passes it on. The small fields lie in the first bytes of the line. */
export interface EventRecord {
  /** When it happened, by the source's clock, ms since the Unix epoch. */
  readonly t: number;
  /** When ingest learned of it, ms since the Unix epoch; in a replay the running maximum of `t`. */
  readonly at: number;
  readonly stream: string;
  /** Its category, or null. */
  readonly key: string | null;
  readonly id: string | null;
  /**
   * What the source needs to resume after this one, where it can: a place in its own terms. Numbers (ms, or µs, of event
   * time) grow along the stream; texts mean something to the source only.
   */
  readonly cursor?: string | number;
  /** The source's message, byte for byte. */
  readonly event: unknown;
}

export interface EventHead {
  readonly t: number;
  readonly at: number;
  readonly key: string | null;
  readonly id: string | null;
  readonly cursor?: string | number | undefined;
}

/** Quoted texts that are remembered, so that each is quoted once. Cleared when full. */
const QUOTED_MAX = 4096;
/** Texts that are the same in quotes. */
const PLAIN = /^[\w.:-]*$/;

/** Gives what stands before the message in the line of a stream's event; the message and `}` follow. */
export function eventPrefixes(stream: string): (head: EventHead) => string {
  const streamText = JSON.stringify(stream);
  const quoted = new Map<string, string>();
  const quote = (text: string) => {
    const known = quoted.get(text);
    if (known !== undefined) return known;
    if (quoted.size >= QUOTED_MAX) quoted.clear();
    const fresh = JSON.stringify(text);
    quoted.set(text, fresh);
    return fresh;
  };
  let quotedCursor: { readonly cursor: string; readonly text: string } | undefined;
  /** Many events can have one cursor. */
  const quoteCursor = (cursor: string) => {
    if (quotedCursor?.cursor !== cursor) quotedCursor = { cursor, text: JSON.stringify(cursor) };
    return quotedCursor.text;
  };
  return ({ t, at, key, id, cursor }) => {
    const keyText = key === null ? "null" : quote(key);
    const idText = id === null ? "null" : PLAIN.test(id) ? `"${id}"` : JSON.stringify(id);
    const place = typeof cursor === "string" ? quoteCursor(cursor) : cursor;
    const cursorText = place === undefined ? "" : `,"cursor":${place}`;
    return `{"t":${t},"at":${at},"stream":${streamText},"key":${keyText},"id":${idText}${cursorText},"event":`;
  };
}

export const eventExample: EventRecord = {
  t: 1489925471668,
  at: 1489925471668,
  stream: "meetup-rsvps",
  key: "CA",
  id: "1658733801",
  event: { rsvp_id: 1658733801, mtime: 1489925471668, group: { group_state: "CA" } },
};
