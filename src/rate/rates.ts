import type { Stage } from "../core/stage.ts";
import { secondOf } from "../core/stream-time.ts";
import { meanAndRate, type RateRecord } from "../records/rate.ts";
import { cellOf, GapWindow, microsOf } from "./gap-window.ts";

/** A gap or a tick, as far as rates go by it. */
export interface RateInput {
  readonly kind: "gap" | "tick";
  /** Event time of a gap, ms since the Unix epoch. */
  readonly t: number;
  /** Stream time, ms since the Unix epoch. */
  readonly at: number;
  /** Of a gap, s. */
  readonly diff: number;
  /** Of a tick. */
  readonly connected: boolean;
}

export interface RatesOptions {
  readonly stream: string;
  /** Length of the window, s. */
  readonly window: number;
}

/** A leap of stream time longer than this is told in one record, s. */
const LEAP_SECONDS = 60;

/**
 * The mean gap and the rate over a sliding window, second by second of stream time.
 *
 * Gives one record for each second that stream time completes, its `t` the second's end; one for a leap of more than a
 * minute; and one at the end, where the last second counts as complete though it is a part. The `events` of all
 * records add up to the number of gaps. No input gives no record. Holds one GapWindow.
 */
export function rates({ stream, window: ttl }: RatesOptions): Stage<RateInput, RateRecord> {
  return (emit) => {
    const window = new GapWindow(ttl);
    let newest: number | undefined;
    /** Gaps since the last record. */
    let events = 0;

    function tell(t: number, seconds: number): void {
      emit({
        t,
        stream,
        ...meanAndRate(window.sumMicros / 1e6, window.count),
        count: window.count,
        window: ttl,
        events,
        seconds,
        silence: newest === undefined ? null : Math.max(0, (t - newest) / 1000),
        connected: window.connected,
        stale: 0,
      });
      events = 0;
    }

    /** Moves stream time, telling each second it completes. */
    function advance(time: number, connected: boolean): void {
      const first = window.time === Number.NEGATIVE_INFINITY;
      const open = secondOf(window.time);
      const blind = window.mark({ time: Math.max(time, window.time), connected });
      const completed = first ? 0 : secondOf(time) - open;
      if (completed > LEAP_SECONDS) {
        const lost = blind ? completed : Number(window.isBlind(open));
        window.advance(secondOf(time) * 1000);
        tell(window.time, completed - lost);
      } else {
        for (let second = open; completed > 0 && second < secondOf(time); second++) {
          window.advance((second + 1) * 1000);
          tell(window.time, window.isBlind(second) ? 0 : 1);
        }
      }
      window.advance(time);
    }

    return {
      push(input) {
        if (input.kind === "tick") return advance(input.at, input.connected);
        const { t, at, diff } = input;
        advance(at, window.connected);
        window.add(secondOf(at), cellOf(t, microsOf(diff)));
        newest = Math.max(newest ?? t, t);
        events++;
      },
      end() {
        if (window.time === Number.NEGATIVE_INFINITY) return;
        const begun = window.time > secondOf(window.time) * 1000 || events > 0;
        const heard = window.connected && !window.isBlind(secondOf(window.time));
        tell(window.time, begun && heard ? 1 : 0);
      },
    };
  };
}
