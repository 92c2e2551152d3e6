import type { Source } from "./catalogue.ts";
import type { Told } from "./event-stream.ts";
import type { StreamRequest } from "./http.ts";
import { hashOf, overlap } from "./overlap.ts";

/**
 * How far back a resumed source is asked to begin before the greatest time seen, ms: messages come out of order. Of
 * Meetup's 2 % were more than a minute late; Jetstream gives its messages their time itself, and advises a few seconds.
 */
const OVERLAP_MS = { since_mtime: 60_000, cursor: 5000 } as const;
/** Where an id says where to begin, messages of this much time before the newest may come again, ms. */
const REPEATS_MS = 60_000;

/** Knows where a source is to go on after a loss, and which messages come again then. */
export interface Resuming {
  /** A message came, of this time in ms since the Unix epoch, whether it is sent on or not. */
  passed(t: number): void;
  /** A message was sent on. */
  sent(message: Buffer, t: number): void;
  isRepeat(message: Buffer): boolean;
  /** What the source needs to resume after the message that passed last; undefined where it cannot. */
  cursor(): string | number | undefined;
  /** What to ask for now. */
  request(): StreamRequest;
  /** A lost connection is there again. */
  resumed(): void;
}

export interface ResumingOptions {
  readonly source: Pick<Source, "url" | "resume">;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly told: Told;
  /** Arrival time, ms since the Unix epoch. */
  readonly now: () => number;
  /** A time that only goes forward, ms. */
  readonly elapsed: () => number;
}

/** Resumes in the source's own way. Holds the hashes that an overlap does. */
export function resuming({ source, headers, told, now, elapsed }: ResumingOptions): Resuming {
  const { resume, url } = source;
  const repeats = overlap();
  let greatest = Number.NEGATIVE_INFINITY;
  let earliest = Number.POSITIVE_INFINITY;

  /** An overlap before the newest message, but not before all that this run has seen; ms, or undefined at first. */
  const beginning = (before: number): number | undefined =>
    greatest < earliest
      ? undefined
      : Math.max(Math.floor(Math.min(greatest, now())) - before, Math.floor(earliest));
  const asking = (name: string, value: number | undefined): StreamRequest => {
    if (value === undefined) return { address: url, headers };
    const address = new URL(url);
    address.searchParams.set(name, String(value));
    return { address: address.href, headers };
  };
  const microseconds = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms * 1000));

  return {
    passed(t) {
      greatest = Math.max(greatest, t);
      earliest = Math.min(earliest, t);
    },
    sent(message, t) {
      if (resume !== "none") repeats.sent(hashOf(message), t);
    },
    isRepeat: (message) => resume !== "none" && repeats.isRepeat(hashOf(message), elapsed()),
    cursor() {
      if (resume === "last-event-id") return told.lastEventId;
      if (greatest < earliest || resume === "none") return undefined;
      return resume === "cursor" ? microseconds(greatest) : Math.floor(greatest);
    },
    request() {
      if (resume === "since_mtime") return asking("since_mtime", beginning(OVERLAP_MS.since_mtime));
      if (resume === "cursor") return asking("cursor", microseconds(beginning(OVERLAP_MS.cursor)));
      if (resume === "none" || told.lastEventId === undefined) return { address: url, headers };
      // A header holds bytes: UTF-8, as the standard has it.
      const id = Buffer.from(told.lastEventId).toString("latin1");
      return { address: url, headers: { ...headers, "last-event-id": id } };
    },
    resumed() {
      // Nothing comes again where nothing could be asked for.
      if (resume === "none" || (resume === "last-event-id" && told.lastEventId === undefined)) return;
      const before = resume === "last-event-id" ? REPEATS_MS : OVERLAP_MS[resume];
      const since = beginning(before);
      if (since !== undefined) repeats.begin(since, elapsed());
    },
  };
}
