import type { Clock } from "../core/clock.ts";
import { inTurns } from "../core/in-turns.ts";
import type { Log } from "../core/log.ts";
import { formatSpan } from "../core/spans.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import type { Tally } from "../core/tally.ts";
import { chosenStreams, type StreamChoice, tooManyStreams } from "./choose-stream.ts";
import { type PollView, READINGS_MAX } from "./poll-view.ts";
import { StoreAway } from "./store.ts";
import { type Look, type StreamPoll, streamPoll } from "./stream-poll.ts";

export interface LookTools {
  readonly clock: Clock;
  readonly log: Log;
  /** Counts the looks by what they found. */
  readonly tally: Tally;
}

/** Of all streams, one that the store forgot is told of for so long, s: time enough to notice that all are blind. */
const FORGOTTEN_SECONDS_MAX = 3600;

/** What the counts call it. */
const PARTS = { there: "readings", away: "away", forgotten: "away", waiting: "waiting" } as const;

/**
 * Rounds of looks at the streams of a choice, beside one another; words in the log when what is seen changes.
 *
 * A round gives one look a stream, sorted by name; one without a stream where none is known yet. Up to 1000 streams are
 * looked at, those that were there first. Of all streams, those that appear are taken up by the next round, and those
 * that the store has forgotten for an hour are let go. A round throws ToolError for what will not pass.
 */
export function rounds<Answer, Told>(
  view: PollView<Answer, Told>,
  choice: StreamChoice,
  tools: LookTools,
): () => Promise<readonly Look<Told>[]> {
  const { log, tally } = tools;
  const polls = chosenPolls(view, choice, tools);
  const outage = outageWords(tools);
  let isWaiting = false;

  async function looks(): Promise<readonly Look<Told>[]> {
    try {
      await polls.choose();
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      const { message: reason } = error;
      const known = polls.sorted().map((poll) => poll.away(reason));
      return known.length > 0 ? known : [{ found: "away", told: undefined, reason }];
    }
    const sorted = polls.sorted();
    if (sorted.length > 0) return lookAt(sorted);
    if (!isWaiting) log.notice("nothing has been stored yet; waiting");
    isWaiting = true;
    return [{ found: "waiting", told: undefined }];
  }

  return async () => {
    const round = await looks();
    outage(round);
    tally.read += round.length;
    for (const { found } of round) tally.add(PARTS[found]);
    return round;
  };
}

/** The polls of a choice: `choose` sees to it that they are those of the streams that there are now. */
function chosenPolls<Answer, Told>(
  view: PollView<Answer, Told>,
  choice: StreamChoice,
  tools: LookTools,
): { choose(): Promise<void>; sorted(): readonly StreamPoll<Told>[] } {
  const { log } = tools;
  const polls = new Map<string, StreamPoll<Told>>();
  let [hasChosen, isFull] = [false, false];

  function letGo(there: readonly string[]): void {
    const names = new Set(there);
    for (const [stream, poll] of polls) {
      if (names.has(stream) || poll.forgottenFor() < FORGOTTEN_SECONDS_MAX) continue;
      polls.delete(stream);
      log.notice(`stream ${stream} has not come back; it is let go until it does`, { stream });
    }
  }
  return {
    sorted: () => [...polls].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, poll]) => poll),
    async choose() {
      if (choice.kind !== "all" && polls.size > 0) return;
      const names = await chosenStreams(view, choice);
      letGo(names);
      const fresh = names.filter((name) => !polls.has(name));
      const taken = fresh.splice(0, STREAMS_MAX - polls.size);
      const skipsEnded = choice.kind === "all";
      for (const stream of taken) {
        polls.set(stream, streamPoll(view, { stream, isNew: hasChosen, skipsEnded }, tools));
      }
      if (fresh.length > 0 && !isFull) log.warning(tooManyStreams(fresh), { streams: names.length });
      isFull = fresh.length > 0;
      hasChosen = true;
    },
  };
}

/** A store that hangs answers none, and each would wait for it: after the first that got no answer none is asked. */
function lookAt<Told>(polls: readonly StreamPoll<Told>[]): Promise<readonly Look<Told>[]> {
  let reason: string | undefined;
  return inTurns(polls, READINGS_MAX, async (poll) => {
    if (reason !== undefined) return poll.away(reason);
    const look = await poll.look();
    if (look.found === "away") reason = look.reason;
    return look;
  });
}

/** Tells once that the store went away, however many streams it has, and once that it is back. */
function outageWords({ clock, log }: LookTools): (round: readonly Look<unknown>[]) => void {
  let since: number | undefined;
  return (round) => {
    const lost = round.find((look) => look.found === "away");
    if (lost !== undefined && since === undefined) {
      since = clock.elapsed();
      const { reason } = lost;
      log.warning(`the store is away (${reason}); its return is waited for`, { reason });
    } else if (lost === undefined && since !== undefined) {
      const away = (clock.elapsed() - since) / 1000;
      since = undefined;
      log.notice(`the store is back after ${formatSpan(away)}`, { away });
    }
  };
}
