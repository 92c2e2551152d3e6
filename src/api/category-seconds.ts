/** Seconds whose counts are held: those of now, and the hour before. */
const SECONDS_MAX = 4500;
/** Cells that are let go of at once, for all that are left move. */
const FORGET_MIN = SECONDS_MAX / 10;

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
  /** Cells that were let go of. */
  #gone = 0;

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
    const old = this.#cells.findIndex((cell) => cell.second > second - SECONDS_MAX);
    if (old < FORGET_MIN) return;
    this.#cells = this.#cells.slice(old);
    this.#gone += old;
  }

  /**
   * A window of the seconds, which is moved along with them: what it sums is not summed anew.
   * @param wants a second is summed; when it says of an earlier one what it did not say before, the window begins anew.
   */
  window(wants: (second: number) => boolean = () => true): SecondsWindow {
    return new SecondsWindow({
      wants,
      first: () => this.#gone,
      cell: (number) => this.#cells[number - this.#gone],
      name: (place) => this.#names[place]!,
    });
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

interface Cells {
  readonly wants: (second: number) => boolean;
  /** Cells are numbered from 0 on; those before this one are gone. */
  readonly first: () => number;
  /** undefined for one that is gone, or yet to come. */
  readonly cell: (number: number) => Cell | undefined;
  readonly name: (place: number) => string;
}

/** The sums over a window of seconds. Holds a number a category. Counts are whole, so sums stay exact. */
export class SecondsWindow {
  readonly #cells: Cells;
  /** The cells that are summed: from `#begin` on, before `#end`. */
  #begin = 0;
  #end = 0;
  #seconds = 0;
  #n = 0;
  #sums = new Float64Array(64);

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  /** Moves to the seconds after `from` up to `to`, both since the Unix epoch, as far as they are held. */
  moveTo(from: number, to: number): void {
    if (this.#begin < this.#cells.first()) this.#beginAt(this.#cells.first());
    const secondOf = (number: number) => this.#cells.cell(number)?.second;
    while ((secondOf(this.#end - 1) ?? Number.NEGATIVE_INFINITY) > to) {
      // An empty one moves back as a whole.
      if (this.#end > this.#begin) this.#add(--this.#end, -1);
      else this.#begin = --this.#end;
    }
    while ((secondOf(this.#end) ?? Number.POSITIVE_INFINITY) <= to) this.#add(this.#end++, 1);
    while (this.#begin < this.#end && (secondOf(this.#begin) ?? 0) <= from) this.#add(this.#begin++, -1);
    while ((secondOf(this.#begin - 1) ?? Number.NEGATIVE_INFINITY) > from) this.#add(--this.#begin, 1);
  }

  /** What is wanted has changed: all is summed anew with the next move. */
  beginAnew(): void {
    this.#beginAt(this.#cells.first());
  }

  read(): CountsOfSeconds {
    return { seconds: this.#seconds, n: this.#n, byKey: this.#byKey() };
  }

  /** What was summed is gone: begins with nothing. */
  #beginAt(number: number): void {
    [this.#begin, this.#end, this.#seconds, this.#n] = [number, number, 0, 0];
    this.#sums.fill(0);
  }

  #add(number: number, sign: 1 | -1): void {
    const { second, seconds, n, places, counts } = this.#cells.cell(number)!;
    if (!this.#cells.wants(second)) return;
    this.#seconds += sign * seconds;
    this.#n += sign * n;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (place >= this.#sums.length) this.#grow(place + 1);
      this.#sums[place]! += sign * counts[i]!;
    }
  }

  #grow(places: number): void {
    const grown = new Float64Array(Math.max(places, 2 * this.#sums.length));
    grown.set(this.#sums);
    this.#sums = grown;
  }

  #byKey(): Map<string, number> {
    const byKey = new Map<string, number>();
    for (let place = 0; place < this.#sums.length; place++) {
      if (this.#sums[place]! > 0) byKey.set(this.#cells.name(place), this.#sums[place]!);
    }
    return byKey;
  }
}
