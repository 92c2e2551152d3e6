import {
  firstSecondOf,
  HeardSeconds,
  HISTORY_SECONDS,
  type Mark,
  type SecondRange,
} from "../core/stream-time.ts";

/** The gaps of one second of stream time. Sums are whole microseconds, so they agree to the bit wherever they are made. */
export interface GapCell {
  readonly count: number;
  readonly sumMicros: number;
  readonly minMicros: number;
  readonly maxMicros: number;
  /** Greatest event time of the second's gaps, ms since the Unix epoch. */
  readonly newest: number;
}

/** A completed second, and the window as it was at its end. */
export interface CompletedSecond {
  readonly second: number;
  /** Gaps released in it. */
  readonly events: number;
  readonly connected: boolean;
  /** Greatest event time of its gaps, ms since the Unix epoch. */
  readonly newest: number | undefined;
  readonly count: number;
  readonly sumMicros: number;
}

/** A gap's length in whole microseconds, from seconds. */
export const microsOf = (seconds: number): number => Math.round(seconds * 1e6);

export function mergeCells(a: GapCell | undefined, b: GapCell): GapCell {
  if (a === undefined) return b;
  return {
    count: a.count + b.count,
    sumMicros: a.sumMicros + b.sumMicros,
    minMicros: Math.min(a.minMicros, b.minMicros),
    maxMicros: Math.max(a.maxMicros, b.maxMicros),
    newest: Math.max(a.newest, b.newest),
  };
}

/** The cell of a single gap. @param t event time, ms. */
export const cellOf = (t: number, micros: number): GapCell => ({
  count: 1,
  sumMicros: micros,
  minMicros: micros,
  maxMicros: micros,
  newest: t,
});

/**
 * The gaps of the last `ttl` seconds of stream time, by second.
 *
 * Holds one cell a second for the window and 15 minutes, whatever the rate; what is older is dropped. `count` and
 * `sumMicros` are kept up to date, so looking costs nothing.
 */
export class GapWindow {
  /** Gaps in the window. */
  count = 0;
  sumMicros = 0;
  readonly #cells = new Map<number, GapCell>();
  readonly #heard = new HeardSeconds();
  #ttl: number;
  #time = Number.NEGATIVE_INFINITY;

  /** @param ttl length of the window, s. */
  constructor(ttl: number) {
    this.#ttl = ttl;
  }

  get ttl(): number {
    return this.#ttl;
  }
  /** Stream time, ms; minus infinity before the first mark. */
  get time(): number {
    return this.#time;
  }
  /** As the last mark said; true before the first. */
  get connected(): boolean {
    return this.#heard.connected;
  }

  /** Stream time went on to a mark. One from the past moves nothing. @returns the time since the last mark was blind. */
  mark(mark: Mark): boolean {
    return this.#heard.mark(mark);
  }

  /** Like `mark`, where it is known already what of the time before was blind. */
  land(mark: Mark): void {
    this.#heard.land(mark);
  }

  markBlind(range: SecondRange): void {
    this.#heard.markBlind(range);
  }

  isBlind(second: number): boolean {
    return this.#heard.isBlind(second);
  }

  /** Moves the window; a time that is past already leaves it. */
  advance(time: number): void {
    if (time <= this.#time) return;
    const before = { window: firstSecondOf(this.#time, this.#ttl), kept: this.#keptFrom() };
    this.#time = time;
    const first = firstSecondOf(time, this.#ttl);
    const kept = this.#keptFrom();
    for (const second of this.#secondsIn(before.window, first)) this.#count(this.#cells.get(second), -1);
    for (const second of this.#secondsIn(before.kept, kept)) this.#cells.delete(second);
    this.#heard.forget(kept);
  }

  /** Adds gaps to a second; one that is too old to be asked for is dropped. */
  add(second: number, cell: GapCell): void {
    if (second < this.#keptFrom()) return;
    this.#cells.set(second, mergeCells(this.#cells.get(second), cell));
    if (second >= firstSecondOf(this.#time, this.#ttl)) this.#count(cell, 1);
  }

  /** Gives the window another length. */
  resize(ttl: number): void {
    if (ttl === this.#ttl) return;
    this.#ttl = ttl;
    this.count = 0;
    this.sumMicros = 0;
    const first = firstSecondOf(this.#time, ttl);
    for (const [second, cell] of this.#cells) if (second >= first) this.#count(cell, 1);
  }

  /** Shortest and longest gap in the window, µs; undefined when it is empty. */
  extremes(): { minMicros: number; maxMicros: number } | undefined {
    const first = firstSecondOf(this.#time, this.#ttl);
    let all: GapCell | undefined;
    for (const [second, cell] of this.#cells) if (second >= first) all = mergeCells(all, cell);
    return all;
  }

  /** The completed seconds from `from` on, at most the last `max` of them, earliest first. */
  completed(from: number, max: number): CompletedSecond[] {
    const { begin, end } = this.#heard.completed(this.#time, { from, max });
    const seconds: CompletedSecond[] = [];
    for (let second = begin; second < end; second++) {
      const cell = this.#cells.get(second);
      seconds.push({
        second,
        events: cell?.count ?? 0,
        connected: !this.#heard.isBlind(second),
        newest: cell?.newest,
        ...this.#windowAt(second + 1, seconds.at(-1)),
      });
    }
    return seconds;
  }

  /** The window when stream time was `boundary`, from that of a second before, where it is known. */
  #windowAt(boundary: number, before: CompletedSecond | undefined): { count: number; sumMicros: number } {
    const first = firstSecondOf(boundary * 1000, this.#ttl);
    let { count, sumMicros } = before ?? { count: 0, sumMicros: 0 };
    const add = (cell: GapCell | undefined, sign: 1 | -1) => {
      count += sign * (cell?.count ?? 0);
      sumMicros += sign * (cell?.sumMicros ?? 0);
    };
    if (before === undefined) {
      for (let second = first; second < boundary; second++) add(this.#cells.get(second), 1);
    } else {
      add(this.#cells.get(boundary - 1), 1);
      add(this.#cells.get(first - 1), -1);
    }
    return { count, sumMicros };
  }

  #keptFrom(): number {
    return firstSecondOf(this.#time, this.#ttl + HISTORY_SECONDS);
  }

  #count(cell: GapCell | undefined, sign: 1 | -1): void {
    if (cell === undefined) return;
    this.count += sign * cell.count;
    this.sumMicros += sign * cell.sumMicros;
  }

  /** The seconds of [from, to) that have a cell, found the shorter way. */
  *#secondsIn(from: number, to: number): Generator<number> {
    if (to - from > this.#cells.size) {
      for (const second of this.#cells.keys()) if (second >= from && second < to) yield second;
    } else {
      for (let second = from; second < to; second++) if (this.#cells.has(second)) yield second;
    }
  }
}
