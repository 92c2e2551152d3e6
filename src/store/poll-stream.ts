import type { RecordOutput } from "../core/ndjson-output.ts";
import type { StreamChoice } from "./choose-stream.ts";
import type { PollView } from "./poll-view.ts";
import { type LookTools, rounds } from "./rounds.ts";

export interface PollOptions {
  /** Seconds of wall time between two polls. */
  readonly every: number;
  readonly choice: StreamChoice;
}

export interface PollTools extends LookTools {
  readonly records: Pick<RecordOutput, "writeAll" | "ready">;
  /** Ends the polling. */
  readonly ending: AbortSignal;
}

/**
 * Looks at streams again and again, by wall time, and tells what it sees: each poll a record a stream, sorted by name.
 *
 * Waits for a stream to appear, while others go on. A store that goes away is told by records of nulls, not connected,
 * whose `stale` grows, until it is back.
 * @throws ToolError what the store refuses for good.
 */
export async function pollStream<Answer, Told extends object>(
  view: PollView<Answer, Told>,
  { every, choice }: PollOptions,
  tools: PollTools,
): Promise<void> {
  const { clock, records, ending } = tools;
  const round = rounds(view, choice, tools);
  let next = clock.elapsed();
  while (!ending.aborted) {
    const told = (await round()).map((look) => look.told).filter((record) => record !== undefined);
    if (!ending.aborted) records.writeAll(told);
    await records.ready();
    // Polls that a slow reader or a hanging store made us miss are not made up for.
    next = Math.max(next + every * 1000, clock.elapsed());
    await clock.sleep(next - clock.elapsed(), ending);
  }
}
