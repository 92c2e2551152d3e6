import type { Weights } from "./counts.ts";

/** Probabilities of categories. */
export interface Probabilities {
  /** That the next event is of this category; of one that is not known, `unknown`. Never 0 nor 1. */
  of(category: string): number;
  /** The escape: that the next event is of a category that is not known. */
  readonly unknown: number;
}

/**
 * Probabilities from weights by additive smoothing: one event that never was is shared equally among the known
 * categories and the escape, which stands for all that were never seen. They sum to 1.
 *
 * So nothing is impossible: what was not seen for months keeps a share of that one event. (Lidstone's rule with
 * 1/(K+1); Manning and Schütze, Foundations of Statistical Natural Language Processing, 6.2.2.)
 */
export function probabilitiesOf(weights: Weights): Probabilities {
  const share = 1 / (weights.size + 1);
  let n = 0;
  for (const weight of weights.values()) n += weight;
  return {
    of: (category) => ((weights.get(category) ?? 0) + share) / (n + 1),
    unknown: share / (n + 1),
  };
}
