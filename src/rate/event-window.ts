import { compose } from "../core/stage.ts";
import { secondOf } from "../core/stream-time.ts";
import { type WindowFields, windowFields } from "../records/rate.ts";
import { cellOf, GapWindow, microsOf } from "./gap-window.ts";
import { interarrivals } from "./interarrivals.ts";
import { reorder, type TimedEvent } from "./reorder.ts";

export interface EventWindowOptions {
  /** Length of the window, s. */
  readonly window: number;
  /** How far behind an event may be and still be put in its place, ms. */
  readonly lateness: number;
}

/** The window of the gaps between events. */
export interface EventWindow {
  push(event: TimedEvent): void;
  /** Stream time went on to `now`, ms, though nothing came: gaps that waited are released. */
  tick(now: number): void;
  /** The input ended; the gaps that waited are released. */
  end(): void;
  /** Moves the window to stream time `time`, ms. */
  advance(time: number): void;
  fields(): WindowFields;
}

/**
 * The window that `diff | avg --stdin` keeps of the same events, in one step: they are put into order, and the gaps
 * between them live in the window from their release on. Holds the events of one lateness, and one GapWindow.
 */
export function eventWindow({ window: ttl, lateness }: EventWindowOptions): EventWindow {
  const window = new GapWindow(ttl);
  // Events too late for a gap are events all the same: who counts them is told of each.
  const gaps = compose(
    reorder<TimedEvent>({ lateness, late() {} }),
    interarrivals(() => {}),
  )(({ t, at, diff }) => window.add(secondOf(at), cellOf(t, microsOf(diff))));
  return {
    push: gaps.push,
    tick: (now) => gaps.tick?.(now),
    end: () => gaps.end?.(),
    advance: (time) => window.advance(time),
    fields: () => windowFields(window),
  };
}
