import { isUtf8 } from "node:buffer";
import type { LineLoop } from "../../core/line-loop.ts";
import type { Severity } from "../../core/log.ts";
import type { Tally } from "../../core/tally.ts";
import { type FoldingOptions, folding, type Outgoing } from "./folding.ts";
import { decodeItem, type Item, isLogRecord, isSevere } from "./item.ts";
import type { Keeper } from "./keeper.ts";

export interface OutgoingOptions extends FoldingOptions {
  /** Of log records only these and graver ones; then no others but alerts. */
  readonly minSeverity: Severity | undefined;
  readonly tally: Tally;
  /** Keeps the log records that are not held back by their severity. */
  readonly keeper?: Keeper | undefined;
}

/** Lines of input as what is to be posted of them. */
export interface OutgoingLines {
  readonly line: LineLoop["line"];
  /** What is to be posted by now. */
  take(): Outgoing[];
  /** What is left when no more comes, with what was held back for a time. */
  rest(): Outgoing[];
  /** What `rest` would give, in lines; it is still held. */
  held(): Buffer[];
}

/** Log records are folded; alerts and all else pass as they are. Counts what `--min-severity` holds back. */
export function outgoingLines({ minSeverity, tally, keeper, ...options }: OutgoingOptions): OutgoingLines {
  let ready: Outgoing[] = [];
  const folds = folding((outgoing) => ready.push(outgoing), options);

  function takeItem(item: Item, line: Buffer): void {
    if (minSeverity !== undefined && !isSevere(item, minSeverity)) tally.add(ignoredAs(item));
    else if (isLogRecord(item)) {
      keeper?.take(line);
      folds.take(item, line);
    } else ready.push({ line: Buffer.from(line), records: 1, as: "delivered" });
  }

  function handOver(): Outgoing[] {
    const taken = ready;
    ready = [];
    return taken;
  }

  return {
    line(buffer, start, end) {
      const line = buffer.subarray(start, end);
      if (!isUtf8(line)) return "expected UTF-8, got other bytes";
      const item = decodeItem(line.toString("utf8"));
      if (typeof item === "string") return item;
      takeItem(item, line);
      return undefined;
    },
    take() {
      folds.tick();
      return handOver();
    },
    rest() {
      folds.end();
      return handOver();
    },
    held: folds.held,
  };
}

const ignoredAs = (item: Item) => (isLogRecord(item) ? "below" : "ignored");
