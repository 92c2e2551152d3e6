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
  /** What the source needs to resume after this one. */
  readonly cursor?: unknown;
  /** The source's message, byte for byte. */
  readonly event: unknown;
}

export interface EventHead {
  readonly t: number;
  readonly at: number;
  readonly stream: string;
  readonly key: string | null;
  readonly id: string | null;
}

/** What stands before the message in an event's line; the message and `}` follow. */
export function eventPrefix({ t, at, stream, key, id }: EventHead): string {
  return `{"t":${t},"at":${at},"stream":${JSON.stringify(stream)},"key":${JSON.stringify(key)},"id":${JSON.stringify(id)},"event":`;
}

export const eventExample: EventRecord = {
  t: 1489925471668,
  at: 1489925471668,
  stream: "meetup-rsvps",
  key: "CA",
  id: "1658733801",
  event: { rsvp_id: 1658733801, mtime: 1489925471668, group: { group_state: "CA" } },
};
