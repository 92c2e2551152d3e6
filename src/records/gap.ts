/** Time between two consecutive events of a stream, in event-time order. */
export interface GapRecord {
  /** Event time of the later of the two, ms since the Unix epoch. */
  readonly t: number;
  /** Stream time when the gap was released, ms since the Unix epoch. */
  readonly at: number;
  readonly stream: string;
  /** Seconds since the event before it; never negative. */
  readonly diff: number;
  readonly cursor?: unknown;
}

export function formatGap({ t, at, stream, diff }: GapRecord): string {
  return `{"t":${t},"at":${at},"stream":${JSON.stringify(stream)},"diff":${diff}}\n`;
}

export const gapExample: GapRecord = {
  t: 1489925471668,
  at: 1489925476702,
  stream: "meetup-rsvps",
  diff: 0.708,
};
