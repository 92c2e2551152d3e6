import type { Place } from "./place.ts";

/** Time between two consecutive events of a stream, in event-time order. */
export interface GapRecord {
  /** Event time of the later of the two, ms since the Unix epoch. */
  readonly t: number;
  /** Stream time when the gap was released, ms since the Unix epoch. */
  readonly at: number;
  readonly stream: string;
  /** Seconds since the event before it; never negative. */
  readonly diff: number;
  /**
   * Where the source can be asked to go on so that whatever is held back yet comes again: its place before the event
   * held longest.
   */
  readonly cursor?: string | number;
  /** Greatest event time up to that place, ms since the Unix epoch. */
  readonly passed?: number;
  /** What tells the events of the time `t` from others that were released since the gap before: this one's, mostly. */
  readonly prints?: readonly string[];
}

/** A gap as diff knows it, and where to go on after it. */
export type PlacedGap = Pick<GapRecord, "t" | "at" | "diff" | "prints"> & {
  readonly place?: Place | undefined;
};

/** Gives the lines of a stream's gaps. */
export function gapFormatter(stream: string): (gap: PlacedGap) => string {
  const streamText = JSON.stringify(stream);
  return ({ t, at, diff, place, prints = [] }) => {
    const cut = place === undefined ? "" : `,"cursor":${place.cursor},"passed":${place.passed}`;
    const told = prints.length === 0 ? "" : `,"prints":${JSON.stringify(prints)}`;
    return `{"t":${t},"at":${at},"stream":${streamText},"diff":${diff}${cut}${told}}\n`;
  };
}

export const gapExample: GapRecord = {
  t: 1489925471668,
  at: 1489925476702,
  stream: "meetup-rsvps",
  diff: 0.708,
};
