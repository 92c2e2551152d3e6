import { isUtf8 } from "node:buffer";
import type { LineLoop } from "../../core/line-loop.ts";
import type { Log, Severity } from "../../core/log.ts";
import { formatNumber } from "../../core/spans.ts";
import type { Tally } from "../../core/tally.ts";
import { decodeItem, type Item, isSevere } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import type { Spool } from "./spool.ts";

/** Records that are told one by one when the spool cannot keep them. */
const UNKEPT_TOLD_MAX = 100;

/** The lines that are records to be posted; counts those that `--min-severity` holds back. */
export function itemLines(
  minSeverity: Severity | undefined,
  tally: Tally,
  take: (item: Item, line: Buffer) => void,
): LineLoop["line"] {
  return (buffer, start, end) => {
    const line = buffer.subarray(start, end);
    if (!isUtf8(line)) return "expected UTF-8, got other bytes";
    const item = decodeItem(line.toString("utf8"));
    if (typeof item === "string") return item;
    if (minSeverity !== undefined && !isSevere(item, minSeverity)) tally.add(ignoredAs(item));
    else take(item, line);
    return undefined;
  };
}

const ignoredAs = (item: Item) =>
  item.kind === "alert" || item.severity === undefined ? "ignored" : "below";

export interface IntakeOptions {
  readonly minSeverity: Severity | undefined;
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly log: Log;
  /** Something was spooled. */
  readonly wake: () => void;
}

export interface Intake extends LineLoop {
  settle(): Promise<void>;
  /** Says what was dropped and not told yet. */
  end(): void;
}

/**
 * Standard input into the spool: the records of a chunk are on the disk before anything is done with them.
 *
 * What the spool has no room for is dropped, told and counted; what the disk cannot take is told record by record.
 */
export function spoolIntake({ minSeverity, spool, ledger, tally, log, wake }: IntakeOptions): Intake {
  let lines: Buffer[] = [];
  let droppedTold = 0;

  function tellDropped(): void {
    const dropped = tally.count("dropped");
    if (dropped === droppedTold) return;
    droppedTold = dropped;
    log.error(
      `the spool is full (${formatNumber(spool.bytesMax)} bytes, see --spool-max); ${dropped} dropped so far`,
      {
        dropped,
      },
    );
  }

  function tellUnkept(chunk: readonly Buffer[]): void {
    tally.add("not kept", chunk.length);
    for (const line of chunk.slice(0, UNKEPT_TOLD_MAX)) log.error(`not kept: ${line.toString("utf8")}`);
    const more = chunk.length - UNKEPT_TOLD_MAX;
    if (more > 0) log.error(`not kept: ${more} more`);
  }

  return {
    line: itemLines(minSeverity, tally, (_, line) => lines.push(Buffer.from(line))),
    async settle() {
      if (lines.length === 0) return;
      const chunk = lines;
      lines = [];
      try {
        const { ends, dropped } = await spool.append(chunk);
        ledger.appended(ends);
        tally.add("dropped", dropped);
      } catch (error) {
        tellUnkept(chunk);
        throw error;
      }
      // The first at once, then at every doubling: a flood must not fill the log as well.
      if (tally.count("dropped") >= droppedTold * 2) tellDropped();
      wake();
    },
    end: tellDropped,
  };
}
