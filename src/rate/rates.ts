import { SecondClock } from "../core/second-clock.ts";
import type { Stage } from "../core/stage.ts";
import { secondOf } from "../core/stream-time.ts";
import { type RateRecord, silenceAt, windowFields } from "../records/rate.ts";
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

/**
 * The mean gap and the rate over a sliding window, second by second of stream time (SecondClock).
 *
 * `t` of a record is the end of its second. The `events` of all records add up to the number of gaps. No input gives
 * no record. Holds one GapWindow.
 */
export function rates({ stream, window: ttl }: RatesOptions): Stage<RateInput, RateRecord> {
  return (emit) => {
    const window = new GapWindow(ttl);
    let newest: number | undefined;
    /** Gaps since the last record. */
    let events = 0;
    const clock = new SecondClock({
      advance: (time) => window.advance(time),
      tell({ t, seconds, connected }) {
        const silence = silenceAt(t, newest);
        emit({ t, stream, ...windowFields(window), events, seconds, silence, connected, stale: 0 });
        events = 0;
      },
    });
    return {
      push(input) {
        if (input.kind === "tick") return clock.advance(input.at, input.connected);
        const { t, at, diff } = input;
        clock.advance(at);
        window.add(secondOf(at), cellOf(t, microsOf(diff)));
        newest = Math.max(newest ?? t, t);
        events++;
      },
      end: () => clock.end(events),
    };
  };
}
