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

/** Gives the lines of a stream's gaps. */
export function gapFormatter(stream: string): (gap: Pick<GapRecord, "t" | "at" | "diff">) => string {
  const streamText = JSON.stringify(stream);
  return ({ t, at, diff }) => `{"t":${t},"at":${at},"stream":${streamText},"diff":${diff}}\n`;
}

export const gapExample: GapRecord = {
  t: 1489925471668,
  at: 1489925476702,
  stream: "meetup-rsvps",
  diff: 0.708,
};
