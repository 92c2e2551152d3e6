import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { formatSpan } from "../core/spans.ts";
import { CATCH_UP_SECONDS, nextSecond, type PollView } from "./poll-view.ts";
import { StoreAway } from "./store.ts";

/** What a look at a stream found. What is told is undefined before the first answer. */
export type Look<Told> =
  | { readonly found: "there"; readonly told: Told }
  /** The store does not answer. */
  | { readonly found: "away"; readonly told: Told | undefined; readonly reason: string }
  /** Nothing is stored of the stream, yet; or not any more. */
  | { readonly found: "waiting" | "forgotten"; readonly told: Told | undefined };

export interface StreamPollOptions {
  readonly stream: string;
  /** It was not there before, so it is told that it now is. */
  readonly isNew: boolean;
  /** One that ended long ago is not told until it goes on: nobody asked for it by its name. */
  readonly skipsEnded: boolean;
}

/** The looks at one stream. */
export interface StreamPoll<Told> {
  /** Asks the store; what changed is told in the log. @throws ToolError what the store refuses for good. */
  look(): Promise<Look<Told>>;
  /** What is known while the store does not answer. */
  away(reason: string): Look<Told>;
  /** For how long the store has had nothing of a stream that it had, s. */
  forgottenFor(): number;
}

/** A stream that has not moved for so long has ended, s. */
export const ENDED_SECONDS = 900;

/** What each look asks for, and what its answer says since the one before. Holds one answer. */
export function streamPoll<Answer, Told>(
  view: PollView<Answer, Told>,
  options: StreamPollOptions,
  tools: { readonly clock: Clock; readonly log: Log },
): StreamPoll<Told> {
  const { stream } = options;
  const { elapsed } = tools.clock;
  const words = streamWords(options, tools);
  let last: { readonly answer: Answer; readonly at: number } | undefined;
  /** The first completed second that no record has told. */
  let from: number | undefined;

  /** What is known without an answer. */
  function known(): Told | undefined {
    if (last === undefined) return undefined;
    const { stale } = view.standing(last.answer);
    return view.away(stream, last.answer, Math.round(stale * 1000 + elapsed() - last.at) / 1000);
  }
  function there(answer: Answer): Look<Told> {
    from = nextSecond(view, answer, from);
    last = { answer, at: elapsed() };
    words.there(view.remark?.(stream, answer));
    return { found: "there", told: view.now(stream, answer) };
  }
  /** It was never told, and ended long before this poll began. */
  const hasEnded = (answer: Answer): boolean =>
    options.skipsEnded && last === undefined && view.standing(answer).stale > ENDED_SECONDS;
  function missing(): Look<Told> {
    if (last === undefined) words.waiting();
    else words.forgotten();
    return { found: last === undefined ? "waiting" : "forgotten", told: known() };
  }
  const away = (reason: string): Look<Told> => ({ found: "away", told: known(), reason });

  return {
    away,
    forgottenFor: words.forgottenFor,
    async look() {
      const { lookBack = 0 } = view;
      const seconds = from === undefined ? lookBack : Math.max(CATCH_UP_SECONDS, lookBack);
      try {
        const answer = await view.read({ stream, seconds, from });
        if (answer === undefined) return missing();
        if (!hasEnded(answer)) return there(answer);
        words.ended(view.standing(answer).stale);
        return { found: "waiting", told: undefined };
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        return away(error.message);
      }
    },
  };
}

/** Says what becomes of a stream, once each time that it changes. */
function streamWords(
  { stream, isNew }: StreamPollOptions,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
) {
  let isAwaited = isNew;
  let forgottenAt: number | undefined;
  let remark: string | undefined;
  /** s; 0 while it is not. */
  const forgottenFor = () => (forgottenAt === undefined ? 0 : (clock.elapsed() - forgottenAt) / 1000);

  return {
    forgottenFor,
    ended(seconds: number) {
      if (!isAwaited) {
        log.notice(
          `stream ${stream} ended ${formatSpan(Math.round(seconds))} ago; it is told when it goes on`,
          {
            stream,
          },
        );
      }
      isAwaited = true;
    },
    waiting() {
      if (!isAwaited) log.notice(`nothing has been stored yet of stream ${stream}; waiting`, { stream });
      isAwaited = true;
    },
    forgotten() {
      if (forgottenAt !== undefined) return;
      forgottenAt = clock.elapsed();
      log.warning(`the store has forgotten stream ${stream}; its return is waited for`, { stream });
    },
    there(now: string | undefined) {
      if (forgottenAt !== undefined) {
        log.notice(`stream ${stream} is back after ${formatSpan(forgottenFor())}`, { stream });
      } else if (isAwaited) log.notice(`stream ${stream} is there now`, { stream });
      [forgottenAt, isAwaited] = [undefined, false];
      if (remark === now) return;
      remark = now;
      if (now !== undefined) log.warning(now, { stream });
      else log.notice(`all branches of stream ${stream} are there again`, { stream });
    },
  };
}
