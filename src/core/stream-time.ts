/** How far back single seconds can be asked for, s of stream time. */
export const HISTORY_SECONDS = 900;
/** How far back they may be asked for, and are told where they are still there, s of stream time. */
export const LOOK_BACK_SECONDS_MAX = 3600;

/** A point of stream time, and whether the source was connected then. */
export interface Mark {
  /** ms since the Unix epoch. */
  readonly time: number;
  readonly connected: boolean;
}

/** Seconds since the Unix epoch, both included. */
export interface SecondRange {
  readonly from: number;
  readonly to: number;
}

/** The second that a point of stream time lies in. */
export const secondOf = (time: number): number => Math.floor(time / 1000);

/**
 * The first second that a window of `ttl` seconds counts: a record counts while its second is not before this one, the
 * current second included. Every adapter of the store goes by this formula.
 */
export const firstSecondOf = (streamTime: number, ttl: number): number =>
  Math.floor((streamTime - ttl * 1000) / 1000);

/**
 * The seconds between two marks in which the source was, for all we know, not heard: those that the time between
 * them touches, if either mark says so; at most the last 900 of them.
 */
export function blindSeconds(before: Mark, after: Mark): SecondRange | undefined {
  if ((before.connected && after.connected) || after.time <= before.time) return undefined;
  const to = Math.ceil(after.time / 1000) - 1;
  return { from: Math.max(secondOf(before.time), to - HISTORY_SECONDS + 1), to };
}

/** Which seconds of stream time the source was heard in, as far as marks tell. Holds those of the last 15 minutes it was not. */
export class HeardSeconds {
  readonly #blind = new Set<number>();
  #since = Number.NEGATIVE_INFINITY;
  #last: Mark | undefined;

  /** The second of the first mark; minus infinity before it. */
  get since(): number {
    return this.#since;
  }
  /** As the last mark said; true before the first. */
  get connected(): boolean {
    return this.#last?.connected ?? true;
  }

  /** Stream time went on to a mark. One from the past moves nothing. @returns the time since the last mark was blind. */
  mark(mark: Mark): boolean {
    const last = this.#last;
    if (last !== undefined && mark.time < last.time) return false;
    if (last === undefined) this.#since = secondOf(mark.time);
    this.#last = mark;
    const blind = last === undefined ? undefined : blindSeconds(last, mark);
    if (blind !== undefined) this.markBlind(blind);
    return blind !== undefined;
  }

  /** Like `mark`, where it is known already what of the time before was blind. */
  land(mark: Mark): void {
    if (mark.time >= (this.#last?.time ?? Number.NEGATIVE_INFINITY)) this.#last = mark;
  }

  markBlind({ from, to }: SecondRange): void {
    for (let second = from; second <= to; second++) this.#blind.add(second);
  }

  isBlind(second: number): boolean {
    return this.#blind.has(second);
  }

  /** Lets go of the seconds before this one. */
  forget(before: number): void {
    // A later second may stand first: stopping there would keep all behind it for as long as that is to come.
    for (const second of this.#blind) if (second < before) this.#blind.delete(second);
  }

  /** The completed seconds from `from` on, at most the last `max` of them, when stream time is `time`: [begin, end). */
  completed(time: number, { from, max }: { from: number; max: number }): { begin: number; end: number } {
    const end = secondOf(time);
    return { begin: Math.max(from, this.#since, end - Math.min(max, HISTORY_SECONDS)), end };
  }
}
