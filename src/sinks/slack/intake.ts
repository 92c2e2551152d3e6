import type { LineLoop } from "../../core/line-loop.ts";
import type { Log } from "../../core/log.ts";
import { formatNumber } from "../../core/spans.ts";
import type { Tally } from "../../core/tally.ts";
import type { Outgoing } from "./folding.ts";
import type { Ledger } from "./ledger.ts";
import { type OutgoingOptions, outgoingLines } from "./outgoing.ts";
import type { Spool } from "./spool.ts";
import type { Unposted } from "./unposted.ts";

/** Records that are told one by one when the spool cannot keep them. */
const UNKEPT_TOLD_MAX = 100;

export interface IntakeOptions extends OutgoingOptions {
  readonly spool: Spool;
  /** Where what is counted in memory survives a crash. */
  readonly unposted: Unposted;
  readonly ledger: Ledger;
  readonly log: Log;
  /** Something was spooled. */
  readonly wake: () => void;
}

export interface Intake extends LineLoop {
  /** What is to be posted by now is on the disk when this resolves. May be called while an earlier call is at work. */
  settle(): Promise<void>;
  /** The same for all there is: no more comes. */
  drain(): Promise<void>;
  /** Says what was dropped and not told yet. The last call. */
  end(): void;
}

/**
 * Standard input into the spool: the records of a chunk are on the disk before anything is done with them. Repeats
 * of a log record and what is held back are counted until their time is over; of these counts a crash loses what a
 * second brought, or repeats what was just spooled.
 *
 * What the spool has no room for is dropped, told and counted; what the disk cannot take is told record by record.
 */
export function spoolIntake({ spool, unposted, ledger, log, wake, ...options }: IntakeOptions): Intake {
  const { tally, keeper } = options;
  const { line, take, rest, held } = outgoingLines(options);
  const { tellDropped, tellUnkept } = losses({ spool, tally, log });
  let last: Promise<void> = Promise.resolve();

  async function append(chunk: readonly Outgoing[]): Promise<void> {
    if (chunk.length === 0) return;
    try {
      const { ends, dropped } = await spool.append(chunk.map((outgoing) => outgoing.line));
      ledger.appended(ends, chunk);
      tally.add("dropped", recordsOf(chunk.slice(chunk.length - dropped)));
    } catch (error) {
      tellUnkept(chunk);
      throw error;
    }
    // The first at once, then at every doubling: a flood must not fill the log as well.
    tellDropped("doubled");
    wake();
  }

  /** One after the other, so that positions come in order. The posts are safe before the keeper's turn. */
  function spoolNext(chunkOf: () => readonly Outgoing[]): Promise<void> {
    const next = last
      .then(() => append(chunkOf()))
      .then(() => unposted.keep(held))
      .finally(() => keeper?.settle());
    last = next.catch(() => {});
    return next;
  }

  return {
    line,
    settle: () => spoolNext(take),
    async drain() {
      await spoolNext(rest);
      unposted.clear();
    },
    end() {
      unposted.close();
      tellDropped("changed");
    },
  };
}

const recordsOf = (lines: readonly Outgoing[]): number =>
  lines.reduce((sum, { records }) => sum + records, 0);

function losses({ spool, tally, log }: { spool: Spool; tally: Tally; log: Log }) {
  let told = 0;
  return {
    /** Says what was dropped, if that is more, or twice as much, as said before. */
    tellDropped(when: "changed" | "doubled"): void {
      const dropped = tally.count("dropped");
      if (dropped === told || (when === "doubled" && dropped < told * 2)) return;
      told = dropped;
      log.error(
        `the spool is full (${formatNumber(spool.bytesMax)} bytes, see --spool-max); ${dropped} dropped so far`,
        { dropped },
      );
    },
    tellUnkept(chunk: readonly Outgoing[]): void {
      tally.add("not kept", recordsOf(chunk));
      for (const { line } of chunk.slice(0, UNKEPT_TOLD_MAX)) log.error(`not kept: ${line.toString("utf8")}`);
      const more = chunk.length - UNKEPT_TOLD_MAX;
      if (more > 0) log.error(`not kept: ${more} more`);
    },
  };
}
