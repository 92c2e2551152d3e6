/** Below this many events a category the correction is too large a part of what it corrects. */
const EVENTS_PER_CATEGORY_MIN = 5;

/**
 * The plug-in entropy of weights, bits: that of their shares, which need not add up to one.
 *
 * Between 0 and log2 of how many weigh something; null where none does. The same to the bit in any order, and as
 * exact when one has nearly everything as when all are alike.
 * Shannon, A Mathematical Theory of Communication, 1948, section 6.
 * @param weights each 0 or more.
 */
export const entropyOf = (weights: Iterable<number>): number | null =>
  entropyOfSorted(Float64Array.from(weights).sort());

/** The same of weights in ascending order. */
export function entropyOfSorted(weights: Float64Array): number | null {
  const greatest = weights.at(-1) ?? 0;
  if (greatest === 0) return null;
  const others = weights.subarray(0, -1);
  const rest = sumOf(others);
  const total = rest + greatest;
  let bits = 0;
  for (const weight of others) {
    const share = weight / total;
    if (share > 0) bits -= share * Math.log2(share);
  }
  // Of a share near one, 1 - share would be gone in the rounding; the others' sum is not.
  return bits + ((greatest / total) * Math.log1p(rest / greatest)) / Math.LN2;
}

/**
 * Entropy corrected for small samples, bits: the plug-in entropy is low by (categories - 1) / (2 n ln 2) on average.
 *
 * null below five events a category, where that is not so.
 * Miller, Note on the bias of information estimates, in Information Theory in Psychology, 1955.
 */
export function millerMadow(
  entropy: number,
  { n, categories }: { readonly n: number; readonly categories: number },
): number | null {
  if (n < EVENTS_PER_CATEGORY_MIN * categories) return null;
  return entropy + (categories - 1) / (2 * n * Math.LN2);
}

/** The sum of weights, the small ones first. */
export function sumOf(weights: Float64Array): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return sum;
}
