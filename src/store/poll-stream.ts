import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { RecordOutput } from "../core/ndjson-output.ts";
import { formatSpan } from "../core/spans.ts";
import type { Tally } from "../core/tally.ts";
import { onlyStream } from "./choose-stream.ts";
import { CATCH_UP_SECONDS, nextSecond, type PollView } from "./poll-view.ts";
import { StoreAway } from "./store.ts";

export interface PollOptions {
  /** Seconds of wall time between two polls. */
  readonly every: number;
  /** The stream; undefined: the only one there. */
  readonly stream: string | undefined;
}

export interface LookTools {
  readonly clock: Clock;
  readonly log: Log;
  /** Counts the looks by what they found. */
  readonly tally: Tally;
}

export interface PollTools extends LookTools {
  readonly records: RecordOutput;
  /** Ends the polling. */
  readonly ending: AbortSignal;
}

/**
 * Looks at a stream again and again, by wall time, and tells what it sees.
 *
 * Waits for a stream to appear. A store that goes away is told by records of nulls, not connected, whose `stale`
 * grows, until it is back.
 * @throws ToolError what the store refuses for good.
 */
export async function pollStream<Answer, Told extends object>(
  view: PollView<Answer, Told>,
  { every, stream }: PollOptions,
  tools: PollTools,
): Promise<void> {
  const { clock, records, ending } = tools;
  const look = looks(view, stream, tools);
  let next = clock.elapsed();
  while (!ending.aborted) {
    const { told } = await look();
    if (told !== undefined && !ending.aborted) records.write(told);
    await records.ready();
    // Polls that a slow reader or a hanging store made us miss are not made up for.
    next = Math.max(next + every * 1000, clock.elapsed());
    await clock.sleep(next - clock.elapsed(), ending);
  }
}

/** What one look found: the stream is there; the store is away; nothing of the stream is stored, yet or any more. */
export type Look<Told> =
  | { readonly found: "there"; readonly told: Told }
  | { readonly found: "away"; readonly told: Told | undefined }
  | { readonly found: "nothing"; readonly told: Told | undefined };

/** The polls of one stream: what they ask for, and what their answers say since the one before. Holds one answer. */
function polls<Answer, Told>(view: PollView<Answer, Told>, stream: string, { elapsed }: Clock) {
  let last: { readonly answer: Answer; readonly at: number } | undefined;
  /** The first completed second that no record has told. */
  let from: number | undefined;
  return {
    stream,
    async ask(): Promise<Answer | undefined> {
      const { lookBack = 0 } = view;
      const seconds = from === undefined ? lookBack : Math.max(CATCH_UP_SECONDS, lookBack);
      const answer = await view.read({ stream, seconds, from });
      if (answer === undefined) return undefined;
      from = nextSecond(view, answer, from);
      last = { answer, at: elapsed() };
      return answer;
    },
    hasAnswered: () => last !== undefined,
    /** What is known while there is no answer; undefined before the first. */
    away(): Told | undefined {
      if (last === undefined) return undefined;
      const { stale } = view.standing(last.answer);
      return view.away(stream, last.answer, Math.round(stale * 1000 + elapsed() - last.at) / 1000);
    },
  };
}

/**
 * One look after the other; words in the log when what is seen changes.
 * @param wanted the stream; undefined: the only one there, as soon as there is one.
 */
export function looks<Answer, Told>(
  view: PollView<Answer, Told>,
  wanted: string | undefined,
  { clock, log, tally }: LookTools,
): () => Promise<Look<Told>> {
  let poll: ReturnType<typeof polls<Answer, Told>> | undefined;
  let lostAt: number | undefined;
  let waiting = false;
  let remark: string | undefined;

  async function look(): Promise<Look<Told>> {
    const stream = poll?.stream ?? wanted ?? (await onlyStream(view));
    if (stream === undefined) return empty();
    poll ??= polls(view, stream, clock);
    const answer = await poll.ask();
    return answer === undefined ? empty() : found(poll.stream, answer);
  }

  /** @returns what is told of a stream that was there. */
  function lost(reason: string): Told | undefined {
    if (lostAt === undefined) {
      lostAt = clock.elapsed();
      log.warning(`the store is away (${reason}); its return is waited for`, { reason });
    }
    tally.add("away");
    return poll?.away();
  }

  function empty(): Look<Told> {
    if (poll?.hasAnswered() === true) {
      return { found: "nothing", told: lost(`it has forgotten stream ${poll.stream}`) };
    }
    if (!waiting)
      log.notice(`nothing has been stored yet${wanted === undefined ? "" : ` of stream ${wanted}`}; waiting`);
    waiting = true;
    tally.add("waiting");
    return { found: "nothing", told: undefined };
  }

  function found(stream: string, answer: Answer): Look<Told> {
    if (lostAt !== undefined) {
      const away = (clock.elapsed() - lostAt) / 1000;
      log.notice(`the store is back after ${formatSpan(away)}`, { away });
    }
    lostAt = undefined;
    if (waiting) log.notice(`stream ${stream} is there now`, { stream });
    waiting = false;
    remarkOn(answer);
    tally.add("readings");
    return { found: "there", told: view.now(stream, answer) };
  }

  function remarkOn(answer: Answer): void {
    const before = remark;
    remark = view.remark?.(answer);
    if (remark === before) return;
    if (remark !== undefined) log.warning(remark);
    else log.notice("all its branches are there again");
  }

  return async () => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      return { found: "away", told: lost(error.message) };
    } finally {
      tally.read++;
    }
  };
}
