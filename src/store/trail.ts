import { PRINT_BYTES, printOf } from "../core/print.ts";

/**
 * What is kept to know events again, bytes: a million of them, or some 300,000 where each comes in a batch of its own. So
 * far one branch can be ahead of another, and still drop what comes again for the other's sake.
 */
export const TRAIL_BYTES_MAX = 16 << 20;
/** A batch names its place when the last one that did lies so far back, ms of event time. */
export const PLACE_MS = 5000;

/** Events that were counted in one batch, in the order in which they came, to be known when they come again. */
export interface Footprints {
  /** Greatest event time up to the last of them, ms. */
  readonly passed: number;
  /** The source's own place of the last of them, as JSON; undefined where another batch not long before has told one. */
  readonly cursor: string | undefined;
  /** PRINTED_BYTES for each; see `printed`. */
  readonly prints: Buffer;
}

/** Footprints in the store: of which run they are. */
export interface Trail extends Footprints {
  readonly run: number;
}

/** What is kept of one event, bytes. */
export const PRINTED_BYTES = 2 * PRINT_BYTES;
/** Before the cursor: passed, run, number of events, length of the cursor. */
const HEAD_BYTES = 8 + 8 + 4 + 2;

/** Whether a source goes by event time, and not by texts that are its own. */
export const isTimed = (cursor: string): boolean => !cursor.startsWith('"');

/**
 * What is kept of an event: the print of its message, and by what it is found: its time where the source goes by that,
 * else the print of its place.
 */
export function printed(message: Buffer, t: number, cursor: string): Buffer {
  const bytes = Buffer.allocUnsafe(PRINTED_BYTES);
  printOf(message).copy(bytes, 0);
  if (isTimed(cursor)) bytes.writeDoubleLE(t, PRINT_BYTES);
  else printOf(Buffer.from(cursor)).copy(bytes, PRINT_BYTES);
  return bytes;
}

/** A batch's footprints in one piece; scripts read its beginning. */
export function packTrail({ passed, cursor, prints, run }: Trail): Buffer {
  const place = Buffer.from(cursor ?? "");
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeDoubleLE(passed, 0);
  head.writeDoubleLE(run, 8);
  head.writeUInt32LE(prints.length / PRINTED_BYTES, 16);
  head.writeUInt16LE(place.length, 20);
  return Buffer.concat([head, place, prints]);
}

export function unpackTrail(bytes: Buffer): Trail {
  const end = HEAD_BYTES + bytes.readUInt16LE(20);
  return {
    passed: bytes.readDoubleLE(0),
    run: bytes.readDoubleLE(8),
    cursor: end === HEAD_BYTES ? undefined : bytes.toString("utf8", HEAD_BYTES, end),
    prints: bytes.subarray(end),
  };
}
