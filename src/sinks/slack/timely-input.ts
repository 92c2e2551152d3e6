import type { Clock } from "../../core/clock.ts";
import type { Faults } from "../../core/faults.ts";
import { readStdin } from "../../core/input.ts";
import { forEachLine, type LineLoop } from "../../core/line-loop.ts";
import type { Tally } from "../../core/tally.ts";

/** How often it is looked whether the time of something has come while no line comes, ms. */
const LOOK_MS = 200;

export interface TimelyInput {
  readonly tally: Tally;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/**
 * Reads standard input, and settles while it waits for more: what is held for a time is handed on when that is over.
 * @throws what the lines or their settling throw.
 */
export async function readTimely(
  lines: LineLoop & { settle(): void | Promise<void> | undefined },
  { tally, faults, clock, stop }: TimelyInput,
): Promise<void> {
  const over = new AbortController();
  const failed = new AbortController();
  async function settleInTime(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(LOOK_MS, over.signal);
      if (!over.signal.aborted) await lines.settle();
    }
  }
  const settling = settleInTime().catch((error: unknown) => {
    failed.abort();
    return { error };
  });
  const ending = AbortSignal.any([stop, failed.signal]);
  try {
    await forEachLine((take) => readStdin(take, ending), lines, { tally, faults, stop: ending });
  } finally {
    over.abort();
    await settling;
  }
  const failure = await settling;
  if (failure !== undefined) throw failure.error;
}
