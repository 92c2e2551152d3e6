/** Ids of one kind that are remembered as asked for; past that the oldest are forgotten before their time. */
const ASKED_MAX = 2_000_000;

export interface IdBookOptions {
  /** An id is not asked for again for so long, s. */
  readonly refresh: number;
  readonly askedMax?: number;
}

/**
 * Which ids wait to be asked for, first come first served, and which were asked for of late. Times are wall time in whole
 * seconds, for they are compared across restarts.
 *
 * Holds 20 to 30 bytes an id: of those that wait, and of up to two million that were asked for.
 */
export class IdBook {
  readonly #refresh: number;
  readonly #askedMax: number;
  readonly #waiting = new Set<number>();
  // invariant: in the order of asking.
  readonly #asked = new Map<number, number>();
  /** Ids that were forgotten before their time, for there were too many. */
  forgotten = 0;

  constructor({ refresh, askedMax = ASKED_MAX }: IdBookOptions) {
    this.#refresh = refresh;
    this.#askedMax = askedMax;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** An id was seen. @returns whether it waits from now on; false where it did already, or was asked for of late. */
  see(id: number, now: number): boolean {
    if (this.#waiting.has(id) || this.#isFresh(this.#asked.get(id), now)) return false;
    this.#waiting.add(id);
    return true;
  }

  /** An id waits, as an earlier run left it. */
  wait(id: number): void {
    this.#waiting.add(id);
  }

  /** The ids that have waited the longest; they go on waiting until they are settled. */
  first(max: number): number[] {
    const ids: number[] = [];
    for (const id of this.#waiting) {
      if (ids.length >= max) break;
      ids.push(id);
    }
    return ids;
  }

  /** These were asked for, and all that came of it is stored. */
  settle(ids: readonly number[], now: number): void {
    for (const id of ids) {
      this.#waiting.delete(id);
      this.#asked.delete(id);
      this.#asked.set(id, now);
    }
    this.#forget(now);
  }

  /** All that wait. */
  waitingIds(): Iterable<number> {
    return this.#waiting;
  }

  /** All that were asked for of late, with when, in the order of asking. */
  askedIds(now: number): Iterable<readonly [id: number, at: number]> {
    this.#forget(now);
    return this.#asked;
  }

  #forget(now: number): void {
    for (const [id, at] of this.#asked) {
      const isStale = !this.#isFresh(at, now);
      if (!isStale && this.#asked.size <= this.#askedMax) return;
      if (!isStale) this.forgotten++;
      this.#asked.delete(id);
    }
  }

  /** A time in the far future comes from a clock that was wrong then, and counts for nothing. */
  #isFresh(at: number | undefined, now: number): boolean {
    return at !== undefined && Math.abs(now - at) < this.#refresh;
  }
}
