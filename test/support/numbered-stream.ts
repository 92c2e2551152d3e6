import { Random } from "../../src/simulate/random.ts";

/** Messages that follow one another and have one category, so that what is missing can be named by its numbers. */
const BLOCK = 20;
/** Part of the messages that were made in the same ms as the one before. */
const SAME_MS = 0.2;

export interface NumberedOptions {
  readonly seed?: string;
  /** Part of the messages that are byte for byte one of the three before, of the same ms. */
  readonly twins?: number;
  /** How many of the last messages can still be had. */
  readonly memory?: number;
  /** The category of a message; by default a block of twenty messages is one. */
  readonly categoryOf?: (number: number) => string;
}

/** A message, but for its shape. Twins have one number. */
export interface Numbered {
  readonly number: number;
  /** Event time, whole ms. */
  readonly t: number;
  readonly key: string;
}

/** What has to be stored of some messages once each was counted once. */
export interface Demanded {
  readonly total: number;
  readonly byCategory: ReadonlyMap<string, number>;
  readonly gaps: number;
  readonly sumMicros: number;
}

/**
 * Messages with numbers, of which none is forgotten here, whatever a source that serves them still has.
 *
 * Their times never fall. The same seed and the same times give the same messages. Holds two numbers a message.
 */
export class NumberedStream {
  readonly categoryOf: (number: number) => string;
  readonly #options: Required<Pick<NumberedOptions, "twins" | "memory">>;
  readonly #random: Random;
  readonly #times: number[] = [];
  /** The message that this one is byte for byte: itself, or one before. */
  readonly #originals: number[] = [];

  constructor({
    seed = "1",
    twins = 0,
    memory = Number.POSITIVE_INFINITY,
    categoryOf,
  }: NumberedOptions = {}) {
    this.#random = new Random("numbered", seed);
    this.#options = { twins, memory };
    this.categoryOf = categoryOf ?? blockOf;
  }

  /** How many were made; also the number of the next. */
  get made(): number {
    return this.#times.length;
  }

  /** The first that can still be had. */
  get oldest(): number {
    return Math.max(0, this.made - this.#options.memory);
  }

  /** Makes one more. */
  make(now: number): void {
    const number = this.made;
    const before = this.#times[number - 1] ?? Number.NEGATIVE_INFINITY;
    this.#times.push(this.#random.chance(SAME_MS) && number > 0 ? before : Math.max(before, now));
    const twin = number - 1 - this.#random.below(3);
    const isTwin = this.#random.chance(this.#options.twins) && this.#times[twin] === this.#times[number];
    this.#originals.push(isTwin ? this.#originals[twin]! : number);
  }

  /** The message in this place of the stream. */
  at(place: number): Numbered {
    const number = this.#originals[place]!;
    return { number, t: this.#times[place]!, key: this.categoryOf(number) };
  }

  /** The first message at or after this time. */
  placeOf(t: number): number {
    let [low, high] = [0, this.made];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle]! < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What those from this place on demand, without those from `gone[0]` to before `gone[1]`. */
  demanded(first: number, gone: readonly [number, number] = [0, 0]): Demanded {
    const byCategory = new Map<string, number>();
    let total = 0;
    for (let place = first; place < this.made; place++) {
      if (place >= gone[0] && place < gone[1]) continue;
      const { key } = this.at(place);
      byCategory.set(key, (byCategory.get(key) ?? 0) + 1);
      total++;
    }
    const spanned = this.#times[this.made - 1]! - this.#times[first]!;
    return { total, byCategory, gaps: total - 1, sumMicros: spanned * 1000 };
  }
}

/** In capitals, as the keys of RSVPs come out. */
const blockOf = (number: number) => `N${Math.floor(number / BLOCK) * BLOCK}`;
