import type { Tally } from "../core/tally.ts";
import { type EventLines, eventLines } from "../sources/events.ts";
import type { StreamSettings } from "./config.ts";

/** An event that is to be kept. `message` is valid during the call only. */
export interface CollectedEvent {
  /** Event time, ms since the Unix epoch. */
  readonly t: number;
  readonly id: string | null;
  /** The source's place of it, as JSON; undefined where it gives none. */
  readonly cursor: string | undefined;
  readonly message: Buffer;
}

/** What ingest makes lines of, handed on as it is: within one process nobody has to read lines again. */
export function collectedLines(
  { stream, source, filter, redact }: StreamSettings,
  { tally, take }: { tally: Tally; take: (event: CollectedEvent) => void },
): EventLines {
  const lines = eventLines(
    {
      stream,
      paths: source.paths,
      filter: { ...filter, drop: source.drop ?? [] },
      redact,
      raw: false,
    },
    { tally, write: () => true },
  );
  return {
    ...lines,
    append({ t, cursor }) {
      tally.add("events");
      const place = cursor === undefined ? undefined : JSON.stringify(cursor);
      take({ t, id: lines.head.id, cursor: place, message: lines.message() });
    },
    // Ticks are of no interest here: who is connected is known.
    text() {},
    flush() {},
  };
}
