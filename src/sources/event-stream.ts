import { createParser } from "eventsource-parser";
import { LINE_BYTES_MAX, type LineHandler, type LineSplitter } from "../core/lines.ts";

/** How much of a message that is too long is kept for the report, bytes. */
const EXCERPT_BYTES = 4096;
/** A longer id could not go into a header, bytes. */
const ID_BYTES_MAX = 4096;
/** The longest wait between two connections that a source is granted, ms; one that wants more can answer 503. */
const RETRY_MS_MAX = 60_000;
/** Room for an event of the longest data with its field names, bytes. */
const EVENT_BYTES_MAX = LINE_BYTES_MAX + (1 << 16);
const CR = 0x0d;
const LF = 0x0a;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const BLANK_LINES = ["\n\n", "\r\n\r\n", "\r\r"];
const NOTHING = Buffer.alloc(0);

/** What a source told that outlives its connections. */
export interface Told {
  /** The id of the last event. */
  lastEventId: string | undefined;
  /** The least wait between two connections, ms. */
  leastWait: number;
}

/**
 * Cuts the bytes of one connection into the messages of Server-Sent Events, whatever their names, numbered from 1.
 *
 * The data of several lines are joined, with a space where the newline was: JSON allows it, and a record is one line. An
 * event that the connection's end cuts off is none. One of more than a mebibyte is told as too long, and left out to its
 * end. Holds at most one unfinished event. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventStream(handler: LineHandler, told: Told): LineSplitter {
  let number = 0;
  /** How the event begins that the last chunk did not finish; one that grows too long is told by it. */
  let head: Buffer = NOTHING;
  const skipping = blockSkipper();
  const withoutBom = bomStripper();

  // Bytes are handed on as characters of Latin-1, so that they come back as they were, UTF-8 or not.
  const parser = createParser({
    maxBufferSize: EVENT_BYTES_MAX,
    onEvent({ data, id }) {
      if (id !== undefined) takeId(id);
      number++;
      const line = Buffer.from(`${data.includes("\n") ? data.replaceAll("\n", " ") : data}\n`, "latin1");
      if (line.length - 1 > LINE_BYTES_MAX) handler.tooLong(line.subarray(0, EXCERPT_BYTES), number);
      else if (line.length > 1) handler.line(line, 0, line.length - 1, number);
    },
    onRetry(ms) {
      told.leastWait = Math.min(ms, RETRY_MS_MAX);
    },
    onError({ type }) {
      if (type !== "max-buffer-size-exceeded") return;
      handler.tooLong(head, ++number);
      skipping.begin();
      parser.reset();
    },
  });

  /** The empty id is none. One that no header can carry is not asked for. */
  function takeId(latin1: string): void {
    if (latin1.length > ID_BYTES_MAX || /[^\x20-\x7e\x80-\xff]/.test(latin1)) return;
    told.lastEventId = latin1 === "" ? undefined : Buffer.from(latin1, "latin1").toString("utf8");
  }

  return {
    push(chunk) {
      const bytes = skipping.rest(withoutBom(chunk));
      if (bytes.length === 0) return;
      head = headAfter(head, bytes);
      skipping.note(bytes);
      parser.feed(bytes.toString("latin1"));
    },
    end() {},
  };
}

/** How the event begins that is unfinished behind these bytes. */
function headAfter(head: Buffer, bytes: Buffer): Buffer {
  const end = Math.max(...BLANK_LINES.map((blank) => bytes.lastIndexOf(blank)));
  if (end >= 0) return Buffer.from(bytes.subarray(end, end + EXCERPT_BYTES));
  if (head.length >= EXCERPT_BYTES) return head;
  return Buffer.concat([head, bytes.subarray(0, EXCERPT_BYTES - head.length)]);
}

/** Leaves out, once told to begin, what comes up to the next blank line. */
function blockSkipper() {
  let skipping = false;
  /** The last two bytes. */
  let [before, last] = [LF, LF];
  return {
    /** What is handed on. */
    note(bytes: Buffer) {
      before = bytes.at(-2) ?? last;
      last = bytes.at(-1)!;
    },
    begin() {
      // A CR that ends a blank line is held by the parser, to see whether an LF follows: the block is over with it.
      skipping = last !== CR || (before !== CR && before !== LF);
    },
    rest(chunk: Buffer): Buffer {
      if (!skipping) return chunk;
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]!;
        const ends = byte === CR || (byte === LF && last !== CR);
        const isBlank = ends && (last === LF || last === CR);
        // The LF of a CR LF ends nothing by itself.
        last = byte;
        if (!isBlank) continue;
        skipping = false;
        return chunk.subarray(i + 1);
      }
      return NOTHING;
    },
  };
}

/** Takes a byte order mark off the beginning, in however many pieces it comes. */
function bomStripper(): (chunk: Buffer) => Buffer {
  let seen = 0;
  return (chunk) => {
    if (seen === BOM.length || chunk.length === 0) return chunk;
    let i = 0;
    while (i < chunk.length && seen < BOM.length && chunk[i] === BOM[seen]) {
      seen++;
      i++;
    }
    if (seen === BOM.length || i === chunk.length) return chunk.subarray(i);
    const held = BOM.subarray(0, seen);
    seen = BOM.length;
    return i === held.length ? chunk : Buffer.concat([held, chunk.subarray(i)]);
  };
}
