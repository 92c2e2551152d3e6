import type { Faults } from "./faults.ts";
import type { TakeChunk } from "./input.ts";
import { LINE_BYTES_MAX, type LineHandler, lineSplitter } from "./lines.ts";
import type { Tally } from "./tally.ts";

/** What is done with the lines of an input. */
export interface LineLoop {
  /**
   * Takes one line, `buffer[start, end)`, valid during the call only.
   * @returns undefined, or why the line is bad.
   */
  line(buffer: Buffer, start: number, end: number, number: number): string | undefined;
  /** While there is something to wait for, the lines that follow wait too, and the input with them. */
  held?(): Promise<void> | undefined;
  /** Every line has its newline: a last one without it was cut off by the end of who wrote it, and is bad. */
  isWhole?(): boolean;
  /** After the lines of a chunk and once more at the end: hands on what they gave; its promise holds the input back. */
  settle?(): void | Promise<void> | undefined;
}

/**
 * Reads all lines of an input, counting them and reporting the bad ones.
 *
 * When `stop` ended the reading, the line that was cut in two by it is nobody's fault and is left out.
 */
export async function forEachLine(
  read: (take: TakeChunk) => Promise<void>,
  { line, settle, held, isWhole }: LineLoop,
  { tally, faults, stop }: { tally: Tally; faults: Faults; stop: AbortSignal },
): Promise<void> {
  const counted = countedLines(line, { tally, faults });
  const waiting = held === undefined ? undefined : waitingLines(counted, held);
  const splitter = lineSplitter(waiting?.handler ?? counted);
  await read((chunk) => {
    splitter.push(chunk);
    if (waiting?.any !== true) return settle?.() ?? undefined;
    return waiting.give().then(() => settle?.() ?? undefined);
  });
  const cut = isWhole?.() === true ? countedLines(() => CUT_OFF, { tally, faults }) : undefined;
  if (!stop.aborted) splitter.end(cut);
  await waiting?.give();
  await settle?.();
}

const CUT_OFF = "expected a whole line, got one that was cut off";

/** Keeps lines while there is something to wait for. Holds those of one chunk. */
function waitingLines(handler: LineHandler, held: () => Promise<void> | undefined) {
  let kept: (() => void)[] = [];
  const isWaiting = () => kept.length > 0 || held() !== undefined;
  return {
    handler: {
      line(buffer, start, end, number) {
        if (!isWaiting()) return handler.line(buffer, start, end, number);
        const copy = Buffer.from(buffer.subarray(start, end));
        kept.push(() => handler.line(copy, 0, copy.length, number));
      },
      tooLong(head, number) {
        if (!isWaiting()) return handler.tooLong(head, number);
        const copy = Buffer.from(head);
        kept.push(() => handler.tooLong(copy, number));
      },
    } satisfies LineHandler,
    get any() {
      return isWaiting();
    },
    /** Waits, and gives what was kept. */
    async give(): Promise<void> {
      while (isWaiting()) {
        await held();
        const lines = kept;
        kept = [];
        for (const [index, give] of lines.entries()) {
          give();
          if (held() === undefined) continue;
          kept = lines.slice(index + 1);
          break;
        }
      }
    },
  };
}

/** Counts lines, leaves blank ones out (a source's way of saying that it lives), and reports the bad ones. */
export function countedLines(
  line: LineLoop["line"],
  { tally, faults }: { tally: Tally; faults: Faults },
): LineHandler {
  return {
    line(buffer, start, end, number) {
      if (isBlank(buffer, start, end)) return;
      tally.read++;
      const fault = line(buffer, start, end, number);
      if (fault !== undefined) faults.report(number, fault, buffer.subarray(start, end));
    },
    tooLong(head, number) {
      tally.read++;
      faults.report(number, `expected a line of at most ${LINE_BYTES_MAX} bytes, got a longer one`, head);
    },
  };
}

function isBlank(buffer: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = buffer[i];
    if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}
