/** The landmark moves once the present lies so many half-lives behind it; a double overflows at 1024. */
const HALF_LIVES_MAX = 512;
const CAPACITY = 16;

/**
 * Weights of things numbered from 0, each of which halves every `halfLife` seconds; with an infinite one, plain sums.
 *
 * What is added later is stored larger instead of what is there being made smaller: a weight now is the stored one
 * times `factor`. The landmark that this goes by moves in whole half-lives, so that every stored weight is scaled by
 * a power of two, which is exact. Time that goes back is taken for the present. Holds one number a thing.
 *
 * Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009.
 */
export class ForwardWeights {
  readonly #halfLifeMs: number;
  #stored = new Float64Array(CAPACITY);
  #storedTotal = 0;
  #landmark = Number.NaN;
  #now = Number.NEGATIVE_INFINITY;
  #growth = 1;
  #factor = 1;

  /** @param halfLife s */
  constructor(halfLife: number) {
    this.#halfLifeMs = halfLife * 1000;
  }

  /** What a stored weight is to be multiplied by. */
  get factor(): number {
    return this.#factor;
  }
  /** For loops over many weights; valid until the next `add`. */
  get stored(): Float64Array {
    return this.#stored;
  }
  /** Sum of all weights now. */
  get total(): number {
    return this.#storedTotal * this.#factor;
  }

  at(index: number): number {
    return (this.#stored[index] ?? 0) * this.#factor;
  }

  /** Time goes on to `now`, ms since the Unix epoch. */
  advance(now: number): void {
    if (!(now > this.#now)) return;
    this.#now = now;
    if (Number.isNaN(this.#landmark)) this.#landmark = now;
    const age = (now - this.#landmark) / this.#halfLifeMs;
    if (age <= HALF_LIVES_MAX) this.#growAt(age);
    else this.#moveLandmark(Math.floor(age));
  }

  add(index: number, weight = 1): void {
    if (index >= this.#stored.length) this.#grow(index + 1);
    this.#stored[index]! += weight * this.#growth;
    this.#storedTotal += weight * this.#growth;
  }

  #moveLandmark(halfLives: number): void {
    const scale = 2 ** -halfLives;
    const stored = this.#stored;
    for (let i = 0; i < stored.length; i++) stored[i]! *= scale;
    this.#storedTotal *= scale;
    this.#landmark += halfLives * this.#halfLifeMs;
    // The sum above may be off by a rounding: what remains is a part of a half-life.
    this.#growAt(Math.min(1, Math.max(0, (this.#now - this.#landmark) / this.#halfLifeMs)));
  }

  #growAt(halfLives: number): void {
    this.#growth = 2 ** halfLives;
    this.#factor = 1 / this.#growth;
  }

  #grow(size: number): void {
    const grown = new Float64Array(Math.max(size, this.#stored.length * 2));
    grown.set(this.#stored);
    this.#stored = grown;
  }
}
