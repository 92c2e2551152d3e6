/** Longest line a tool reads, bytes. A longer one is bad input. */
export const LINE_BYTES_MAX = 1 << 20;
/** How much of a line that is too long is kept for the report, bytes. */
const EXCERPT_BYTES = 4096;
const NEWLINE = 0x0a;

/** What a LineSplitter calls. The bytes are valid only during the call. */
export interface LineHandler {
  /** One line, without its newline: `buffer[start, end)`; `buffer[end]` is the newline or past the data. */
  line(buffer: Buffer, start: number, end: number, number: number): void;
  /** A line longer than LINE_BYTES_MAX; `head` is how it begins. */
  tooLong(head: Buffer, number: number): void;
}

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** The input ended; a last line without a newline is a line too. @param last takes that one. */
  end(last?: LineHandler): void;
}

/**
 * Cuts chunks of bytes into lines, numbered from 1. Empty lines are counted, not given.
 *
 * Holds at most one unfinished line, LINE_BYTES_MAX bytes.
 */
export function lineSplitter(handler: LineHandler): LineSplitter {
  let carry: Buffer[] = [];
  let carried = 0;
  let number = 0;
  /** The head of a line that is too long, while its rest is skipped. */
  let skipping: Buffer | undefined;

  function give(buffer: Buffer, start: number, end: number, to = handler): void {
    number++;
    if (end - start > LINE_BYTES_MAX) to.tooLong(buffer.subarray(start, start + EXCERPT_BYTES), number);
    else if (end > start) to.line(buffer, start, end, number);
  }

  function keep(rest: Buffer): void {
    if (rest.length === 0 || skipping !== undefined) return;
    carry.push(Buffer.from(rest));
    carried += rest.length;
    if (carried <= LINE_BYTES_MAX) return;
    skipping = Buffer.concat(carry, EXCERPT_BYTES);
    carry = [];
    carried = 0;
  }

  /** Ends the line that earlier chunks began with what `chunk` holds of it. */
  function finish(chunk: Buffer, end: number, to = handler): void {
    if (skipping !== undefined) {
      number++;
      to.tooLong(skipping, number);
      skipping = undefined;
      return;
    }
    carry.push(chunk.subarray(0, end));
    // The newline goes along, so that scanners find their sentinel at `end`.
    const line = Buffer.concat([...carry, NEWLINE_BYTES], carried + end + 1);
    carry = [];
    carried = 0;
    give(line, 0, line.length - 1, to);
  }

  return {
    push(chunk) {
      let start = 0;
      if (carried > 0 || skipping !== undefined) {
        const end = chunk.indexOf(NEWLINE);
        if (end < 0) return keep(chunk);
        finish(chunk, end);
        start = end + 1;
      }
      for (;;) {
        const end = chunk.indexOf(NEWLINE, start);
        if (end < 0) break;
        give(chunk, start, end);
        start = end + 1;
      }
      keep(chunk.subarray(start));
    },
    end(last = handler) {
      if (carried > 0 || skipping !== undefined) finish(NEWLINE_BYTES, 0, last);
    },
  };
}

const NEWLINE_BYTES = Buffer.from("\n");
