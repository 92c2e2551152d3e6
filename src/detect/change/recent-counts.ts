import type { Snapshot } from "../detector.ts";
import { arrayOf, fieldsOf, isNumber, isObject, isString, numberOf } from "../snapshot.ts";

/** Neighbours of one size that are kept apart; from there on the two oldest become one. */
const SAME_SIZE_MAX = 8;
/** What lies further back is let go, s. */
const SECONDS_MAX = 1800;
/** A piece with more categories than this keeps half as many, the busiest. */
const CATEGORIES_MAX = 512;

/** What was counted in some time. */
export interface Tally {
  /** What `events` were counted in, s, and those that have a category: records may tell only one of the two. */
  readonly seconds: number;
  readonly keyedSeconds: number;
  readonly events: number;
  /** Events that have a category. */
  readonly keyed: number;
  readonly byCategory: ReadonlyMap<string, number>;
}

interface Piece {
  /** When it began, ms. */
  readonly start: number;
  seconds: number;
  keyedSeconds: number;
  events: number;
  keyed: number;
  /** Records in it: a power of two. */
  size: number;
  byCategory: Map<string, number>;
}

/**
 * What was counted of late, by category: exactly in the last records, more coarsely the longer ago (an exponential
 * histogram; Datar et al. 2002), so that a change can be told in numbers since it began.
 *
 * Holds about 60 pieces of the last half hour, with the categories that came in each.
 */
export class RecentCounts {
  #pieces: Piece[] = [];
  #last: object | undefined;

  /**
   * Each record once, whoever brings it.
   * @param events of any category and of none. @param byKey those that have one. Undefined: the record does not say.
   */
  push(
    record: object,
    { start, seconds, events }: { start: number; seconds: number; events: number | undefined },
    byKey: Readonly<Record<string, number>> | undefined,
  ): void {
    if (record === this.#last) return;
    this.#last = record;
    const byCategory = new Map<string, number>();
    let keyed = 0;
    for (const category in byKey) {
      const count = byKey[category]!;
      if (count <= 0) continue;
      keyed += count;
      byCategory.set(category, count);
    }
    this.#pieces.push({
      start,
      seconds: events === undefined ? 0 : seconds,
      keyedSeconds: byKey === undefined ? 0 : seconds,
      events: events ?? 0,
      keyed,
      size: 1,
      byCategory: busiest(byCategory),
    });
    this.#merge();
    while (this.#pieces[0]!.start < start - SECONDS_MAX * 1000) this.#pieces.shift();
  }

  /** Of each size the newest stay apart. */
  #merge(): void {
    const pieces = this.#pieces;
    let end = pieces.length;
    for (let size = 1; end > 0; size *= 2) {
      let begin = end;
      while (begin > 0 && pieces[begin - 1]!.size === size) begin--;
      if (end - begin <= SAME_SIZE_MAX) return;
      join(pieces[begin]!, pieces[begin + 1]!);
      pieces.splice(begin + 1, 1);
      end = begin + 1;
    }
  }

  /** What was counted from `from` on and before `to`, ms, as near as the pieces tell. */
  between(from: number, to = Number.POSITIVE_INFINITY): Tally {
    let [seconds, keyedSeconds, events, keyed] = [0, 0, 0, 0];
    const byCategory = new Map<string, number>();
    for (const piece of this.#pieces) {
      if (piece.start < from || piece.start >= to) continue;
      seconds += piece.seconds;
      keyedSeconds += piece.keyedSeconds;
      events += piece.events;
      keyed += piece.keyed;
      addAll(byCategory, piece.byCategory);
    }
    return { seconds, keyedSeconds, events, keyed, byCategory };
  }

  snapshot(): Snapshot {
    return {
      pieces: this.#pieces.map(({ byCategory, ...piece }) => ({
        ...piece,
        categories: [...byCategory.keys()],
        counts: [...byCategory.values()],
      })),
    };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    this.#pieces = arrayOf(fieldsOf(snapshot, "recent"), "pieces", isObject).map((item) => {
      const fields = fieldsOf(item, "piece");
      const counts = arrayOf(fields, "counts", isNumber);
      return {
        start: numberOf(fields, "start"),
        seconds: numberOf(fields, "seconds"),
        keyedSeconds: numberOf(fields, "keyedSeconds"),
        events: numberOf(fields, "events"),
        keyed: numberOf(fields, "keyed"),
        size: numberOf(fields, "size"),
        byCategory: new Map(
          arrayOf(fields, "categories", isString).map((name, i) => [name, counts[i] ?? 0] as const),
        ),
      };
    });
  }
}

/** The second piece goes into the first, which came before it. */
function join(first: Piece, second: Piece): void {
  first.seconds += second.seconds;
  first.keyedSeconds += second.keyedSeconds;
  first.events += second.events;
  first.keyed += second.keyed;
  first.size += second.size;
  addAll(first.byCategory, second.byCategory);
  first.byCategory = busiest(first.byCategory);
}

/** All of them, or the busiest half of the most that are kept. */
function busiest(byCategory: Map<string, number>): Map<string, number> {
  if (byCategory.size <= CATEGORIES_MAX) return byCategory;
  return new Map([...byCategory].sort(([, a], [, b]) => b - a).slice(0, CATEGORIES_MAX / 2));
}

function addAll(to: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [category, count] of from) to.set(category, (to.get(category) ?? 0) + count);
}
