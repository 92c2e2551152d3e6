import { printNumber, printOf } from "../core/print.ts";

/** Messages that are remembered for the next overlap: those of a minute at eight thousand a second. */
const REMEMBERED_MAX = 500_000;
const REMEMBERED_MIN = 1 << 10;
/** Longest that an overlap is expected to last, ms of wall time. */
const LASTING_MS_MAX = 60_000;

/**
 * Knows, after a reconnect, which messages were sent already.
 *
 * Outside an overlap every message passes, exact repeats included: they are the source's. Inside one, a message is
 * a repeat when it is byte-identical to one sent before, as often as it was sent. The overlap is over when all that
 * could come again has, or after a minute. Holds two numbers for each of at most 500,000 messages.
 */
export interface Overlap {
  /** A message was sent on, of event time `t`, ms. */
  sent(message: Buffer, t: number): void;
  /** A reconnect that asks for all from event time `since` on, ms; `now` is any clock's ms. */
  begin(since: number, now: number): void;
  /** True, once for each time it was sent, when this message came before. */
  isRepeat(message: Buffer, now: number): boolean;
}

export function overlap(): Overlap {
  /** A ring: prints, and times. */
  let prints = new Float64Array(REMEMBERED_MIN);
  let times = new Float64Array(REMEMBERED_MIN);
  let held = 0;
  let next = 0;
  let candidates = new Map<number, number>();
  let deadline = 0;

  /** Makes room while nothing need be forgotten yet. */
  function grow(): void {
    const size = Math.min(prints.length * 2, REMEMBERED_MAX);
    if (held < prints.length || size === prints.length) return;
    [prints, times] = [grown(prints, size), grown(times, size)];
    next = held;
  }

  return {
    sent(message, t) {
      grow();
      prints[next] = printNumber(printOf(message));
      times[next] = t;
      next = (next + 1) % prints.length;
      held = Math.min(held + 1, prints.length);
    },
    begin(since, now) {
      candidates = new Map();
      for (let i = 0; i < held; i++) {
        const print = prints[i]!;
        if (times[i]! >= since) candidates.set(print, (candidates.get(print) ?? 0) + 1);
      }
      deadline = now + LASTING_MS_MAX;
    },
    isRepeat(message, now) {
      if (candidates.size === 0) return false;
      if (now > deadline) {
        candidates.clear();
        return false;
      }
      const print = printNumber(printOf(message));
      const count = candidates.get(print);
      if (count === undefined) return false;
      if (count === 1) candidates.delete(print);
      else candidates.set(print, count - 1);
      return true;
    },
  };
}

/** A larger ring with the same in it; only of one that is full up to its end. */
function grown(ring: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(ring);
  return larger;
}
