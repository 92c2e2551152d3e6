import type { Weights } from "./counts.ts";
import { probabilitiesOf } from "./probability.ts";

/** How likely an event of a category is. */
export interface CategoryLikelihood {
  /** That the next event is of it: never 0 nor 1, but 1 where no category is known. */
  readonly probability: number;
  /** -log2 of the probability, bits. */
  readonly surprisal: number;
  /** Share of the events that are this improbable or more: the sum of all probabilities that are not above it. */
  readonly rarity: number;
}

/**
 * The likelihood of every category under weights, by additive smoothing (probabilitiesOf); a category that is not known
 * has the escape's. Looking one up takes the logarithm of their number. Holds two numbers a category.
 */
export function likelihoodsOf(weights: Weights): (category: string) => CategoryLikelihood {
  const probabilities = probabilitiesOf(weights);
  const ascending = new Float64Array(weights.size + 1);
  let i = 0;
  for (const category of weights.keys()) ascending[i++] = probabilities.of(category);
  ascending[i] = probabilities.unknown;
  ascending.sort();
  const upTo = new Float64Array(ascending.length);
  let sum = 0;
  for (let rank = 0; rank < ascending.length; rank++) {
    sum += ascending[rank]!;
    upTo[rank] = sum;
  }
  return (category) => {
    const probability = weights.has(category) ? probabilities.of(category) : probabilities.unknown;
    // The sum of all may be off one by its rounding.
    const rarity = Math.min(1, upTo[countUpTo(ascending, probability) - 1] ?? 1);
    // Of a certainty, not -0.
    return { probability, surprisal: Math.max(0, -Math.log2(probability)), rarity };
  };
}

/** How many of ascending numbers are not above a value. */
function countUpTo(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
