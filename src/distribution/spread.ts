import { tenFigures } from "../core/figures.ts";
import type { DistributionRecord } from "../records/distribution.ts";
import type { View, Weights } from "./counts.ts";
import { entropyOf, millerMadow, sumOf } from "./entropy.ts";

/** How a view's weights are spread over its categories: the fields of a record that `--over` touches. */
export type Spread = Pick<DistributionRecord, "entropy" | "entropyCorrected" | "n" | "categories">;

/** Of a view that nobody knows. */
export const UNKNOWN_SPREAD: Spread = { entropy: null, entropyCorrected: null, n: null, categories: null };

/** From this weight on a category weighs something: one event counted, or what ten half-lives left of one. */
const WEIGHS_MIN: Readonly<Record<View, number>> = { all: 1, recent: 2 ** -10 };

/**
 * The spread of a view. `n` is the sum of all weights, `categories` how many weigh something; the entropies, in bits,
 * are theirs. Numbers have ten figures, and are the same in any order of the categories.
 */
export function spreadOf(weights: Weights, view: View): Spread {
  const sorted = Float64Array.from(weights.values()).sort();
  const heavy = sorted.filter((weight) => weight >= WEIGHS_MIN[view]);
  const n = sumOf(sorted);
  const categories = heavy.length;
  const entropy = entropyOf(heavy);
  const corrected = entropy === null ? null : millerMadow(entropy, { n, categories });
  return {
    entropy: figures(entropy),
    entropyCorrected: figures(corrected),
    n: tenFigures(n),
    categories,
  };
}

const figures = (value: number | null): number | null => (value === null ? null : tenFigures(value));
