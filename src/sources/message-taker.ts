import type { LineLoop } from "../core/line-loop.ts";
import type { Log } from "../core/log.ts";
import { formatSpan } from "../core/spans.ts";
import type { Tally } from "../core/tally.ts";
import type { EventLines } from "./events.ts";
import type { Resuming } from "./resuming.ts";

/** Refused messages after which the clock is looked at. */
const AHEAD_MIN = 10;

export interface MessageTakerParts {
  readonly lines: EventLines;
  readonly tally: Tally;
  readonly log: Log;
  readonly resuming: Resuming;
  /** Arrival time, ms since the Unix epoch; never goes back. */
  readonly now: () => number;
  /** An event was sent on, of this time. */
  readonly sent: (t: number) => void;
}

/** Takes one message from the wire: bad, filtered, ahead of the clock by more than `ahead` s, from before the stream began, a repeat, or an event. */
export function messageTaker(
  ahead: number,
  { lines, tally, log, resuming, now, sent }: MessageTakerParts,
): LineLoop["line"] {
  let refused = 0;
  let judged = 0;
  function refuse(t: number, at: number): void {
    tally.add("ahead");
    refused++;
    if (refused !== 1 && refused !== AHEAD_MIN) return;
    const lead = formatSpan((t - at) / 1000);
    const most = refused >= AHEAD_MIN && refused * 2 > judged;
    const cause = most ? "; as most are, this machine's clock is behind: set it" : "";
    log.warning(`a message is dated ${lead} ahead of this machine's clock and refused (--ahead)${cause}`, {
      t,
      at,
      refused,
    });
  }
  return (buffer, start, end) => {
    const outcome = lines.read(buffer, start, end);
    if (outcome !== "ok" && outcome !== "filtered") return outcome;
    const { t } = lines.head;
    const at = now();
    const isAhead = t > at + ahead * 1000;
    // What is not wanted has its place in the stream too.
    if (!isAhead && !Number.isNaN(t)) resuming.passed(t);
    if (outcome === "filtered") return void tally.add("filtered");
    judged++;
    if (isAhead) return void refuse(t, at);
    if (resuming.isBeforeAll(t)) return void tally.add("before");
    const message = lines.message();
    if (resuming.isRepeat(message)) return void tally.add("repeats");
    resuming.sent(message, t);
    sent(t);
    lines.append({ t, at, cursor: resuming.cursor() });
    return undefined;
  };
}
