import { ByteWriter } from "../core/byte-writer.ts";
import type { Tally } from "../core/tally.ts";
import { eventPrefixes } from "../records/event.ts";
import {
  type MessageFilter,
  type MessageHead,
  type MessagePaths,
  messageReader,
} from "../records/message.ts";
import { redactor } from "../records/redact.ts";

export interface EventOptions {
  readonly stream: string;
  readonly paths: MessagePaths;
  readonly filter: MessageFilter;
  /** Values at these paths become null. */
  readonly redact: readonly string[];
  /** Messages only, without what the toolkit knows of them. */
  readonly raw: boolean;
}

/** Turns messages into the lines of events, written in pieces as they fill. Holds less than one piece. */
export interface EventLines {
  /** What the message read last says of itself. */
  readonly head: MessageHead;
  /** Reads one message. @returns "ok", "filtered", or what is wrong with it. */
  read(buffer: Buffer, start: number, end: number): string;
  /** The bytes of the message read last (redacted, if so asked), valid until the next read. */
  message(): Buffer;
  /** Appends the event of the message read last. */
  append(place: EventPlace): void;
  /** Appends an event whose parts were kept. */
  appendKept(kept: KeptMessage, place: EventPlace): void;
  /** A copy of the message read last, to be appended later. */
  keep(): KeptMessage;
  text(line: string): void;
  /** Writes what is left of the lines appended so far. */
  flush(): void;
}

/** An event's place in time, ms since the Unix epoch, and in the source's own terms. */
interface EventPlace {
  readonly t: number;
  readonly at: number;
  readonly cursor?: string | number | undefined;
}

export interface KeptMessage {
  readonly head: MessageHead;
  readonly message: Buffer;
}

/** What a pipe takes at once on Linux, bytes: its reader works on one piece while we make the next. */
const PIECE_BYTES = 1 << 16;
/** Room for pieces, bytes. */
const CAPACITY_BYTES = 1 << 17;
const NEWLINE_BYTE = 0x0a;
const CLOSE_BRACE = 0x7d;
const NEWLINE = Buffer.from("\n");

export function eventLines(
  options: EventOptions,
  { tally, write }: { tally: Tally; write: (bytes: Buffer) => boolean },
): EventLines {
  const { raw } = options;
  const prefix = eventPrefixes(options.stream);
  const reader = messageReader(options.paths, options.filter);
  const redact = options.redact.length > 0 ? redactor(options.redact) : undefined;
  const writer = new ByteWriter(CAPACITY_BYTES);
  let at: { buffer: Buffer; start: number; end: number } = { buffer: NEWLINE, start: 0, end: 0 };

  function append({ key, id }: MessageHead, { buffer, start, end }: typeof at, place: EventPlace): void {
    tally.add("events");
    if (!raw) writer.text(prefix({ t: place.t, at: place.at, key, id, cursor: place.cursor }));
    writer.bytes(buffer, start, end);
    if (raw) writer.byte(NEWLINE_BYTE);
    else writer.byte(CLOSE_BRACE, NEWLINE_BYTE);
    if (writer.length >= PIECE_BYTES) writer.drain(write);
  }

  return {
    head: reader.head,
    read(buffer, start, end) {
      at.buffer = buffer;
      at.start = start;
      at.end = end;
      if (redact === undefined) return reader.read(buffer, start, end);
      // Redacted first, so that what is to be hidden does not come back as key or id.
      const redacted = redact(buffer.subarray(start, end));
      if (redacted === undefined) return reader.read(buffer, start, end);
      at = { buffer: Buffer.concat([redacted, NEWLINE]), start: 0, end: redacted.length };
      return reader.read(at.buffer, 0, at.end);
    },
    message: () => at.buffer.subarray(at.start, at.end),
    append: (place) => append(reader.head, at, place),
    appendKept: ({ head, message }, place) =>
      append(head, { buffer: message, start: 0, end: message.length }, place),
    keep: () => ({ head: { ...reader.head }, message: Buffer.from(at.buffer.subarray(at.start, at.end)) }),
    text: (line) => writer.text(line),
    flush: () => writer.drain(write),
  };
}
