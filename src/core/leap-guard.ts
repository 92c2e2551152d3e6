/** How far ahead of everything before it an event may be without being asked to wait, ms. */
const LEAP_MS = 3_600_000;

export interface LeapGuardHandlers<Held> {
  /** Keeps the message at hand for later, since its bytes are about to go. */
  hold(): Held;
  /** A message that waited was right after all; `t` is its event time and the new running maximum. */
  give(held: Held, t: number): void;
  /** A message that waited was stamped far in the future; it is dropped. */
  refuse(held: Held, t: number): void;
}

export interface LeapGuard {
  /**
   * Event time of the next message, ms. First settles the message that waits, if one does.
   * @returns the running maximum of event times, this one's included, which is the arrival time where no clock
   * told it; undefined when this message waits instead.
   */
  offer(t: number): number | undefined;
  /** The input ended: a message that waits has nothing against it. */
  end(): void;
}

/**
 * Tells a clock gone wild from a long silence, in recordings.
 *
 * An event more than an hour ahead of the running maximum waits for the next one. If that is nearer to the old
 * maximum, the one that waits is refused; else the maximum moves. Order is kept; holds one message.
 */
export function leapGuard<Held>({ hold, give, refuse }: LeapGuardHandlers<Held>): LeapGuard {
  let max = Number.NEGATIVE_INFINITY;
  let waiting: { readonly t: number; readonly held: Held } | undefined;

  function accept(): void {
    if (waiting === undefined) return;
    const { t, held } = waiting;
    waiting = undefined;
    max = t;
    give(held, t);
  }

  return {
    offer(t) {
      if (waiting !== undefined) {
        if (Math.abs(t - max) < Math.abs(t - waiting.t)) {
          refuse(waiting.held, waiting.t);
          waiting = undefined;
        } else accept();
      }
      if (max > Number.NEGATIVE_INFINITY && t > max + LEAP_MS) {
        waiting = { t, held: hold() };
        return undefined;
      }
      max = Math.max(max, t);
      return max;
    },
    end: accept,
  };
}
