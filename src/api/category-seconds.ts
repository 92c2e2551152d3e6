/** Seconds whose counts are held: those of now, and the hour before. */
const SECONDS_MAX = 4500;

/** The counts of some seconds. */
export interface CountsOfSeconds {
  /** Connected seconds that they are of. */
  readonly seconds: number;
  /** Events with a category. */
  readonly n: number;
  readonly byKey: ReadonlyMap<string, number>;
}

/** The events with a category of one or more seconds: places among the names, and counts. */
interface Cell {
  readonly second: number;
  readonly seconds: number;
  readonly n: number;
  readonly places: Uint32Array;
  readonly counts: Float64Array;
}

/**
 * Events by category and second, of the last hour and a quarter of stream time. Holds 12 bytes a second for each category
 * that it has, and the name of every category once.
 */
export class CategorySeconds {
  readonly #names: string[] = [];
  readonly #placeOf = new Map<string, number>();
  #cells: Cell[] = [];

  /**
   * Adds what was counted up to the end of a second, which is later than the last one added.
   * @param seconds connected ones that the counts are of.
   */
  push(second: number, seconds: number, byKey: Readonly<Record<string, number>>): void {
    const entries = Object.entries(byKey).filter(([, count]) => count > 0);
    const places = Uint32Array.from(entries, ([name]) => this.#place(name));
    const counts = Float64Array.from(entries, ([, count]) => count);
    const n = counts.reduce((sum, count) => sum + count, 0);
    this.#cells.push({ second, seconds, n, places, counts });
    const from = this.#cells.findIndex((cell) => cell.second > second - SECONDS_MAX);
    // Now and then, for all that are left move.
    if (from > SECONDS_MAX / 10) this.#cells = this.#cells.slice(from);
  }

  /** The counts of the seconds after `from` up to `to`, both since the Unix epoch. */
  between(from: number, to: number): CountsOfSeconds {
    const sums = new Float64Array(this.#names.length);
    let [seconds, n] = [0, 0];
    for (let i = this.#cells.length - 1; i >= 0; i--) {
      const cell = this.#cells[i]!;
      if (cell.second <= from) break;
      if (cell.second > to) continue;
      seconds += cell.seconds;
      n += cell.n;
      for (let j = 0; j < cell.places.length; j++) sums[cell.places[j]!]! += cell.counts[j]!;
    }
    const byKey = new Map<string, number>();
    for (let place = 0; place < sums.length; place++) {
      if (sums[place]! > 0) byKey.set(this.#names[place]!, sums[place]!);
    }
    return { seconds, n, byKey };
  }

  /** Events with a category in the seconds after `from`. */
  countSince(from: number): number {
    let n = 0;
    for (let i = this.#cells.length - 1; i >= 0 && this.#cells[i]!.second > from; i--) n += this.#cells[i]!.n;
    return n;
  }

  #place(name: string): number {
    const known = this.#placeOf.get(name);
    if (known !== undefined) return known;
    this.#placeOf.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}
