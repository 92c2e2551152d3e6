import type { Stage } from "../core/stage.ts";
import type { OrderedEvent, TimedEvent } from "./reorder.ts";

/** Time between two consecutive events. */
export interface Gap {
  /** Event time of the later of the two, ms since the Unix epoch. */
  readonly t: number;
  /** Stream time when it was released, ms since the Unix epoch. */
  readonly at: number;
  /** Seconds since the event before it, to the microsecond; never negative. */
  readonly diff: number;
}

/**
 * Interarrival times of events that come in event-time order.
 *
 * Gives one gap per event after the first, so the gaps add up to (last - first) event time; the first one is told
 * to `first`. Holds one number.
 * @param before event time of the event before the first, ms, where it is known: then the first has a gap too.
 */
export function interarrivals(
  first: () => void,
  before?: number | undefined,
): Stage<OrderedEvent<TimedEvent>, Gap> {
  return (emit) => {
    let last = before;
    return {
      push({ event: { t }, at }) {
        if (last === undefined) first();
        // Divided once, from whole microseconds, so that a gap prints as the decimal it is.
        else emit({ t, at, diff: Math.round((t - last) * 1000) / 1e6 });
        last = t;
      },
    };
  };
}
