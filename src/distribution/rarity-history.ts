import { ForwardWeights } from "./forward-weights.ts";

/** Rarities above are not corrected: nobody is told of them. */
export const RARITY_TOP = 1 / 16;
/** Bins a halving, and how many; the last one takes all that is rarer (about 1e-13). */
const BINS_A_HALVING = 4;
const BINS = 168;
/** Where those above the top are counted. */
const ABOVE = BINS;
/** How long rarities are remembered: a half-life, s of stream time. */
const MEMORY_SECONDS = 86_400;
/** How many standard deviations of a count are put down to chance. */
const DEVIATIONS = 1.5;

/**
 * How rare the events so far were said to be; corrects what a model says by what then happened.
 *
 * Of events, no more than a share r should have rarity r or less. Where more had, and more than chance explains, that
 * share is what the rarity is worth. Bins are a quarter of a halving wide. Holds 169 numbers.
 */
export class RarityHistory {
  readonly #weights = new ForwardWeights([MEMORY_SECONDS]);

  advance(now: number): void {
    this.#weights.advance(now);
  }

  add(rarity: number): void {
    this.#weights.add(binOf(rarity), 0);
  }

  /** A rarity as experience has it: never smaller, and in the same order. */
  corrected(rarity: number): number {
    const total = this.#weights.total(0);
    if (total === 0) return rarity;
    const bin = binOf(rarity);
    if (bin === ABOVE) return Math.max(rarity, proven(total - this.#weights.at(ABOVE, 0)) / total);
    let rarer = 0;
    for (let i = BINS - 1; i > bin; i--) rarer += this.#weights.at(i, 0);
    const upToBin = proven(rarer + this.#weights.at(bin, 0)) / total;
    // Within the bin in proportion; what was proven of the rarer bins holds for this one too, which keeps the order.
    return Math.min(1, Math.max(rarity, (rarity * upToBin) / upperEdge(bin), proven(rarer) / total));
  }
}

/** Bin `i` holds the rarities from the lower edge, excluded, which is the upper edge of bin `i + 1`. */
function binOf(rarity: number): number {
  if (rarity > RARITY_TOP) return ABOVE;
  return Math.min(BINS - 1, Math.max(0, Math.floor(BINS_A_HALVING * Math.log2(RARITY_TOP / rarity))));
}

const upperEdge = (bin: number): number => RARITY_TOP * 2 ** (-bin / BINS_A_HALVING);

/** The part of a count that is not put down to chance, as for Poisson's. */
const proven = (count: number): number => Math.max(0, count - DEVIATIONS * Math.sqrt(Math.max(0, count)));
