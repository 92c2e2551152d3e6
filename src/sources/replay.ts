import type { Clock } from "../core/clock.ts";
import { leapGuard } from "../core/leap-guard.ts";
import type { LineLoop } from "../core/line-loop.ts";
import type { Output } from "../core/output.ts";
import type { Tally } from "../core/tally.ts";
import type { EventLines, KeptMessage } from "./events.ts";
import { recordedLines } from "./recorded.ts";

export interface ReplayOptions {
  /** How many times as fast as it happened; Infinity: as fast as it can be read. */
  readonly speed: number;
  /** Event times are moved so that the first event happens now. */
  readonly shiftToNow: boolean;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** A message with its place in time, waiting for it. */
interface Due {
  readonly kept: KeptMessage;
  readonly t: number;
  /** The running maximum of `t`, which stands for the arrival time. */
  readonly at: number;
}

/**
 * Gives the messages of a recording as events: at once, or when their time has come.
 *
 * Arrival times are the running maximum of event times, so a recording gives the same bytes every time. Drops
 * nothing but what is stamped far in the future (leap-guard). Holds the messages of one chunk when paced.
 */
export function replay(
  lines: EventLines,
  output: Output,
  { options, tally }: { options: ReplayOptions; tally: Tally },
): LineLoop & { end(): Promise<void> } {
  const { clock, stop, speed } = options;
  const paced = Number.isFinite(speed);
  const messageIn = recordedLines();
  let shift: number | undefined;
  let origin: { readonly wall: number; readonly stream: number } | undefined;
  let queue: Due[] = [];

  const times = (t: number, at: number) => {
    shift ??= options.shiftToNow ? Math.round(clock.now()) - at : 0;
    return { t: t + shift, at: at + shift };
  };
  const give = (kept: KeptMessage, t: number) => {
    if (paced) queue.push({ kept, t, at: t });
    else lines.appendKept(kept, times(t, t));
  };
  const guard = leapGuard<KeptMessage>({ hold: lines.keep, give, refuse: () => tally.add("ahead") });

  async function pace(): Promise<void> {
    const due = queue;
    queue = [];
    for (const [index, { kept, t, at }] of due.entries()) {
      origin ??= { wall: clock.elapsed(), stream: at };
      const wait = origin.wall + (at - origin.stream) / speed - clock.elapsed();
      if (wait > 0) {
        lines.flush();
        await output.ready();
        await clock.sleep(wait, stop);
      }
      if (stop.aborted) {
        tally.add("not replayed", due.length - index);
        return;
      }
      lines.appendKept(kept, times(t, at));
    }
  }

  const settle = () => {
    const write = () => {
      lines.flush();
      return output.ready();
    };
    return queue.length > 0 ? pace().then(write) : write();
  };
  return {
    line(buffer, start, end) {
      const recorded = messageIn(buffer, start, end);
      if (recorded.kind === "tick") return void tally.add("ticks");
      const outcome = lines.read(buffer, recorded.start, recorded.end);
      if (outcome === "filtered") return void tally.add("filtered");
      if (outcome !== "ok") return outcome;
      const { t } = lines.head;
      const at = guard.offer(t);
      if (at === undefined) return undefined;
      if (paced) queue.push({ kept: lines.keep(), t, at });
      else lines.append(times(t, at));
      return undefined;
    },
    settle,
    async end() {
      guard.end();
      await settle();
    },
  };
}
