/** A landmark moves once the present lies so many half-lives behind it; a double overflows at 1024. */
const HALF_LIVES_MAX = 512;
/** Things there is room for at first. */
const CAPACITY = 16;

/**
 * Weights of things numbered from 0, in several columns: in each they halve after a time of its own; where that is
 * infinite, they are plain sums.
 *
 * What is added later is stored larger, instead of what is there being made smaller: a weight now is the stored one
 * times the column's factor. The landmark that this goes by moves in whole half-lives, so that every stored weight is
 * scaled by a power of two, which is exact. Time that goes back is taken for the present. Holds one number a column
 * and thing.
 *
 * Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009.
 */
export class ForwardWeights {
  readonly columns: number;
  /** Of each column: what a stored weight is to be multiplied by. */
  readonly factors: Float64Array;
  readonly #halfLives: Float64Array;
  readonly #landmarks: Float64Array;
  readonly #growths: Float64Array;
  readonly #totals: Float64Array;
  #stored: Float64Array;
  #now = Number.NEGATIVE_INFINITY;

  /** @param halfLives of the columns, s */
  constructor(halfLives: readonly number[]) {
    this.columns = halfLives.length;
    this.#halfLives = Float64Array.from(halfLives, (seconds) => seconds * 1000);
    this.#landmarks = new Float64Array(this.columns).fill(Number.NaN);
    this.#growths = new Float64Array(this.columns).fill(1);
    this.factors = new Float64Array(this.columns).fill(1);
    this.#totals = new Float64Array(this.columns);
    this.#stored = new Float64Array(this.columns * CAPACITY);
  }

  /** Stored weights, those of one thing beside each other; for loops over many. Another array after things were added. */
  get stored(): Float64Array {
    return this.#stored;
  }

  /** Sum of a column's weights now. */
  total(column: number): number {
    return this.#totals[column]! * this.factors[column]!;
  }

  /** A weight now; 0 where nothing was added. */
  at(index: number, column: number): number {
    return (this.#stored[index * this.columns + column] ?? 0) * this.factors[column]!;
  }

  /** Time goes on to `now`, ms since the Unix epoch. */
  advance(now: number): void {
    if (!(now > this.#now)) return;
    this.#now = now;
    for (let column = 0; column < this.columns; column++) {
      if (Number.isNaN(this.#landmarks[column]!)) this.#landmarks[column] = now;
      const age = (now - this.#landmarks[column]!) / this.#halfLives[column]!;
      const growth = 2 ** (age <= HALF_LIVES_MAX ? age : this.#moveLandmark(column, Math.floor(age)));
      this.#growths[column] = growth;
      this.factors[column] = 1 / growth;
    }
  }

  /** Adds a weight of now. */
  add(index: number, column: number, weight = 1): void {
    const place = index * this.columns + column;
    if (place >= this.#stored.length) this.#grow(place + 1);
    const stored = weight * this.#growths[column]!;
    this.#stored[place]! += stored;
    this.#totals[column]! += stored;
  }

  /** Half-lives from the new landmark to now. */
  #moveLandmark(column: number, halfLives: number): number {
    const scale = 2 ** -halfLives;
    const stored = this.#stored;
    for (let i = column; i < stored.length; i += this.columns) stored[i]! *= scale;
    this.#totals[column]! *= scale;
    const halfLife = this.#halfLives[column]!;
    this.#landmarks[column]! += halfLives * halfLife;
    // The sum above may be off by a rounding: what remains is a part of a half-life.
    return Math.min(1, Math.max(0, (this.#now - this.#landmarks[column]!) / halfLife));
  }

  #grow(size: number): void {
    const grown = new Float64Array(Math.max(size, this.#stored.length * 2));
    grown.set(this.#stored);
    this.#stored = grown;
  }
}
