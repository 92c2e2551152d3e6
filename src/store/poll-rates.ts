import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { RecordOutput } from "../core/ndjson-output.ts";
import { formatSpan } from "../core/spans.ts";
import type { Tally } from "../core/tally.ts";
import type { RateRecord } from "../records/rate.ts";
import { onlyStream } from "./choose-stream.ts";
import { type RatePoll, ratePoll } from "./rate-polls.ts";
import { type Store, StoreAway } from "./store.ts";

/** Completed seconds that one poll catches up on, at most. */
const CATCH_UP_SECONDS = 900;

export interface PollOptions {
  /** Seconds of wall time between two polls. */
  readonly every: number;
  /** The stream; undefined: the only one there. */
  readonly stream: string | undefined;
}

export interface PollTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  readonly records: RecordOutput;
  /** Ends the polling. */
  readonly ending: AbortSignal;
}

/**
 * Looks at a stream's window again and again, by wall time, and tells what it sees.
 *
 * Waits for a stream to appear. A store that goes away is told by records of nulls, not connected, whose `stale`
 * grows, until it is back.
 * @throws ToolError what the store refuses for good.
 */
export async function pollRates({ every, stream }: PollOptions, tools: PollTools): Promise<void> {
  const { clock, records, tally, ending } = tools;
  const watch = watcher(stream, tools);
  let next = clock.elapsed();
  while (!ending.aborted) {
    const record = await watch();
    tally.read++;
    if (record !== undefined && !ending.aborted) records.write(record);
    await records.ready();
    // Polls that a slow reader or a hanging store made us miss are not made up for.
    next = Math.max(next + every * 1000, clock.elapsed());
    await clock.sleep(next - clock.elapsed(), ending);
  }
}

/** One look after the other, and the words when what is seen changes. */
function watcher(wanted: string | undefined, { store, clock, log, tally }: PollTools) {
  let poll: { readonly stream: string; readonly rates: RatePoll } | undefined;
  let lostAt: number | undefined;
  let waiting = false;

  async function look(): Promise<RateRecord | undefined> {
    const stream = poll?.stream ?? wanted ?? (await onlyStream(store, "gaps"));
    if (stream === undefined) return undefined;
    poll ??= { stream, rates: ratePoll(stream, clock.elapsed) };
    const { from } = poll.rates;
    const seconds = from === undefined ? 0 : CATCH_UP_SECONDS;
    const reading = await store.read({ stream, seconds, from });
    return reading === undefined ? undefined : poll.rates.answer(reading);
  }

  function lost(reason: string): RateRecord | undefined {
    if (lostAt === undefined) {
      lostAt = clock.elapsed();
      log.warning(`the store is away (${reason}); its return is waited for`, { reason });
    }
    tally.add("away");
    return poll?.rates.silence();
  }

  function empty(): RateRecord | undefined {
    const forgotten = poll?.rates.silence();
    if (forgotten !== undefined) return lost(`it has forgotten stream ${poll?.stream}`);
    if (!waiting)
      log.notice(`nothing has been stored yet${wanted === undefined ? "" : ` of stream ${wanted}`}; waiting`);
    waiting = true;
    tally.add("waiting");
    return undefined;
  }

  function found(record: RateRecord): RateRecord {
    if (lostAt !== undefined) {
      const away = (clock.elapsed() - lostAt) / 1000;
      log.notice(`the store is back after ${formatSpan(away)}`, { away });
    }
    lostAt = undefined;
    if (waiting) log.notice(`stream ${record.stream} is there now`, { stream: record.stream });
    waiting = false;
    tally.add("readings");
    return record;
  }

  return async () => {
    try {
      const record = await look();
      return record === undefined ? empty() : found(record);
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      return lost(error.message);
    }
  };
}
