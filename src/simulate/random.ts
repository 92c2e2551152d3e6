/**
 * Reproducible random numbers: sfc32, the 32-bit "small fast chaotic" generator of Chris Doty-Humphrey's PractRand
 * (period about 2^127 on average), seeded from words of text by MurmurHash3's mixing steps (Austin Appleby, public
 * domain). The same seed gives the same numbers on every machine; never for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed what tells this sequence from all others, such as a seed, a purpose and an index. */
  constructor(...seed: readonly (string | number)[]) {
    let state = hash(seed.join("\u0000"));
    const word = () => {
      state = (state + 0x9e3779b9) | 0;
      return mix(state);
    };
    this.#a = word();
    this.#b = word();
    this.#c = word();
    // The author's advice: the first dozen outputs still show the seed.
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  uniform(): number {
    return (this.#next() >>> 0) / 4294967296;
  }

  /** An integer, uniform in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.uniform());
  }

  /** One of the items, all equally likely. The list must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum;
  }
}

/** MurmurHash3's body, over UTF-16 code units. */
function hash(text: string): number {
  let state = text.length;
  for (let i = 0; i < text.length; i++) {
    let word = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    state ^= word;
    state = (Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
  }
  return mix(state);
}

/** MurmurHash3's finaliser: every bit of the input reaches every bit of the output. */
function mix(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
