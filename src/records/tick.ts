import type { Resumed } from "./resumed.ts";

/** A second of stream time in which ingest was alive, though perhaps nothing happened. */
export interface TickRecord {
  /** Stream time, ms since the Unix epoch. */
  readonly tick: number;
  readonly at: number;
  readonly stream: string;
  /** The source is connected. False: what it may be saying is not heard. */
  readonly connected: boolean;
  /** The first tick of a run that goes on where earlier ones had got to. */
  readonly resumed?: Resumed;
  /** The last tick of a run that ends in good order: nothing that it gave comes again. */
  readonly ended?: true;
}

export function formatTick({ tick, at, stream, connected, resumed, ended }: TickRecord): string {
  const begun = resumed === undefined ? "" : `,"resumed":${JSON.stringify(resumed)}`;
  const more = ended === undefined ? begun : `${begun},"ended":true`;
  return `{"tick":${tick},"at":${at},"stream":${JSON.stringify(stream)},"connected":${connected}${more}}\n`;
}

export const tickExample: TickRecord = {
  tick: 1489925472000,
  at: 1489925472000,
  stream: "meetup-rsvps",
  connected: true,
};
