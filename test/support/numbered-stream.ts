import { Random } from "../../src/simulate/random.ts";

/** Messages that follow one another and have one category, so that what is missing can be named by its numbers. */
const BLOCK = 20;
/** Part of the messages that were made in the same ms as the one before. */
const SAME_MS = 0.2;

export interface NumberedOptions {
  readonly seed?: string;
  /** Part of the messages that are byte for byte one of the three before. */
  readonly twins?: number;
  /** A part of the messages that happened up to so many ms before they come. */
  readonly delayed?: { readonly part: number; readonly ms: number };
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
 * Their times never fall, unless some are to be delayed. The same seed and the same times give the same messages. Holds
 * three numbers a message.
 */
export class NumberedStream {
  readonly categoryOf: (number: number) => string;
  readonly #options: Required<Pick<NumberedOptions, "twins" | "memory" | "delayed">>;
  readonly #random: Random;
  readonly #times: number[] = [];
  /** The greatest time up to each message. */
  readonly #greatest: number[] = [];
  /** The message that this one is byte for byte: itself, or one before. */
  readonly #originals: number[] = [];
  #first = 0;

  constructor(options: NumberedOptions = {}) {
    const {
      seed = "1",
      twins = 0,
      delayed = { part: 0, ms: 0 },
      memory = Number.POSITIVE_INFINITY,
    } = options;
    this.#random = new Random("numbered", seed);
    this.#options = { twins, delayed, memory };
    this.categoryOf = options.categoryOf ?? blockOf;
  }

  /** How many were made; also the number of the next. */
  get made(): number {
    return this.#times.length;
  }

  /** The first that can still be had. */
  get oldest(): number {
    return Math.max(0, this.made - this.#options.memory);
  }

  /** The first message that has nothing in common with any before it. */
  get first(): number {
    return this.#first;
  }

  /** What is made from now on has nothing in common with what was made before. */
  begin(): void {
    this.#first = this.made;
  }

  /** Makes one more. */
  make(now: number): void {
    const number = this.made;
    const { twins, delayed } = this.#options;
    const greatest = number === this.#first ? now : this.#greatest[number - 1]!;
    const twin = number - 1 - this.#random.below(3);
    let t = this.#random.chance(SAME_MS) ? greatest : Math.max(greatest, now);
    if (this.#random.chance(delayed.part)) t -= this.#random.below(delayed.ms);
    // Times may not fall for a twin's sake.
    const isLikely = twin >= this.#first && (delayed.part > 0 || this.#times[twin] === t);
    const isTwin = this.#random.chance(twins) && isLikely;
    if (isTwin) t = this.#times[twin]!;
    this.#times.push(t);
    this.#greatest.push(Math.max(greatest, t));
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
      if (this.#greatest[middle]! < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What those from the first on demand, without those from `gone[0]` to before `gone[1]`. */
  demanded(gone: readonly [number, number] = [0, 0]): Demanded {
    const byCategory = new Map<string, number>();
    let total = 0;
    let earliest = Number.POSITIVE_INFINITY;
    for (let place = this.#first; place < this.made; place++) {
      if (place >= gone[0] && place < gone[1]) continue;
      const { key, t } = this.at(place);
      earliest = Math.min(earliest, t);
      byCategory.set(key, (byCategory.get(key) ?? 0) + 1);
      total++;
    }
    const spanned = this.#greatest[this.made - 1]! - earliest;
    return { total, byCategory, gaps: total - 1, sumMicros: spanned * 1000 };
  }
}

/** In capitals, as the keys of RSVPs come out. */
const blockOf = (number: number) => `N${Math.floor(number / BLOCK) * BLOCK}`;
