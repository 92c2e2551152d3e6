import { tenFigures } from "../core/figures.ts";
import type { SpreadFields } from "../records/distribution.ts";
import type { View, Weights } from "./counts.ts";
import { entropyOfSorted, millerMadow, sumOf } from "./entropy.ts";

/** From this weight on a category weighs something: one event counted, or what ten half-lives left of one. */
const WEIGHS_MIN: Readonly<Record<View, number>> = { all: 1, recent: 2 ** -10 };

/**
 * The spread of a view. `n` is the sum of all weights, `categories` how many weigh something; the entropies, in bits,
 * are theirs. Numbers have ten figures, and are the same in any order of the categories.
 */
export function spreadOf(weights: Weights, view: View): SpreadFields {
  const sorted = ascending(weights);
  const n = sumOf(sorted);
  const light = sorted.findIndex((weight) => weight >= WEIGHS_MIN[view]);
  const heavy = light < 0 ? sorted.subarray(0, 0) : sorted.subarray(light);
  const categories = heavy.length;
  const entropy = entropyOfSorted(heavy);
  const corrected = entropy === null ? null : millerMadow(entropy, { n, categories });
  return {
    entropy: figures(entropy),
    entropyCorrected: figures(corrected),
    n: tenFigures(n),
    categories,
  };
}

/** In order, so that sums of them come out the same wherever they were kept. */
function ascending(weights: Weights): Float64Array {
  const sorted = new Float64Array(weights.size);
  let i = 0;
  for (const weight of weights.values()) sorted[i++] = weight;
  return sorted.sort();
}

const figures = (value: number | null): number | null => (value === null ? null : tenFigures(value));
