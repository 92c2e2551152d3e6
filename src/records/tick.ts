/** A second of stream time in which ingest was alive, though perhaps nothing happened. */
export interface TickRecord {
  /** Stream time, ms since the Unix epoch. */
  readonly tick: number;
  readonly at: number;
  readonly stream: string;
  /** The source is connected. False: what it may be saying is not heard. */
  readonly connected: boolean;
}

export function formatTick({ tick, at, stream, connected }: TickRecord): string {
  return `{"tick":${tick},"at":${at},"stream":${JSON.stringify(stream)},"connected":${connected}}\n`;
}

export const tickExample: TickRecord = {
  tick: 1489925472000,
  at: 1489925472000,
  stream: "meetup-rsvps",
  connected: true,
};
