import { PRINT_BYTES, printNumber, printOf } from "../core/print.ts";
import { OVERLAP_MS_MAX } from "../records/place.ts";
import type { Resumed } from "../records/resumed.ts";
import { PRINTED_BYTES, type Trail } from "./trail.ts";

/** An event that may have been counted before. */
interface Seen {
  readonly t: number;
  message(): Buffer;
}

/**
 * Knows which events come again that were counted in an earlier run: each as often as it was counted.
 *
 * What has not come again by the time the stream is a minute past all of them will not. Holds one number for each.
 */
export class Repeats {
  readonly #counts = new Map<number, number>();
  #left = 0;
  /** The newest of what was counted, and what has come, ms of event time. */
  #until = Number.NEGATIVE_INFINITY;

  /** @param trail what was counted in earlier runs, in that order. */
  constructor(trail: readonly Trail[], resumed: Resumed) {
    if (resumed.passed === undefined) return;
    for (const { passed } of trail) this.#until = Math.max(this.#until, passed + OVERLAP_MS_MAX);
    const wanted = resumed.after === undefined ? () => true : selectionOf(trail, resumed);
    for (const [index, { prints }] of trail.entries()) {
      for (let at = 0; at < prints.length; at += PRINTED_BYTES) {
        if (wanted(prints, at, index)) this.#add(printNumber(prints, at));
      }
    }
  }

  /** Events that were counted and have not come again. */
  get left(): number {
    return this.#left;
  }

  isRepeat({ t, message }: Seen): boolean {
    if (this.#left === 0) return false;
    if (t > this.#until) {
      this.#left = 0;
      this.#counts.clear();
      return false;
    }
    const print = printNumber(printOf(message()));
    const count = this.#counts.get(print);
    if (count === undefined) return false;
    if (count === 1) this.#counts.delete(print);
    else this.#counts.set(print, count - 1);
    this.#left--;
    return true;
  }

  #add(print: number): void {
    this.#counts.set(print, (this.#counts.get(print) ?? 0) + 1);
    this.#left++;
  }
}

type Selection = (prints: Buffer, at: number, index: number) => boolean;

/** Which events a source sends again that was asked to go on there. */
function selectionOf(trail: readonly Trail[], { after, since }: Resumed): Selection {
  if (since !== undefined) return (prints, at) => prints.readDoubleLE(at + PRINT_BYTES) >= since;
  const place = placeAt(trail, printOf(Buffer.from(JSON.stringify(after))));
  // A place that none of them has lies before all: what the source does not send again does no harm.
  if (place === undefined) return () => true;
  return (_, at, index) => index > place.index || (index === place.index && at > place.at);
}

/**
 * Where the event is that gave its place this print: the last one, and of several in a row the first, for those without a
 * place of their own keep the one before.
 */
function placeAt(trail: readonly Trail[], print: Buffer): { index: number; at: number } | undefined {
  let found: { index: number; at: number } | undefined;
  for (let index = trail.length - 1; index >= 0; index--) {
    const { prints } = trail[index]!;
    for (let at = prints.length - PRINTED_BYTES; at >= 0; at -= PRINTED_BYTES) {
      const isIt = prints.compare(print, 0, PRINT_BYTES, at + PRINT_BYTES, at + PRINTED_BYTES) === 0;
      if (isIt) found = { index, at };
      else if (found !== undefined) return found;
    }
  }
  return found;
}
