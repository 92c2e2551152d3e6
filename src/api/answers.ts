import type { View, Weights } from "../distribution/counts.ts";
import { type CategoryLikelihood, likelihoodsOf } from "../distribution/likelihoods.ts";
import { spreadOf } from "../distribution/spread.ts";
import type { SpreadFields } from "../records/distribution.ts";
import type { LiveStream } from "./live-stream.ts";

/** What is worked out of the totals of one view, each when it is asked for first. */
interface Worked {
  readonly weights: Weights;
  likelihoods?: (category: string) => CategoryLikelihood;
  spread?: SpreadFields;
}

/**
 * Answers about the totals of a stream, worked out once for as long as nothing has come, whoever asks how often. Each
 * throws ApiProblem while there is nothing to answer from.
 */
export class Answers {
  readonly #live: LiveStream;
  #version = -1;
  readonly #worked = new Map<View, Worked>();

  constructor(live: LiveStream) {
    this.#live = live;
  }

  /** The share of each category as JSON, the largest first; who asks often keeps it (Bodies). */
  histogram(view: View): string {
    return histogramText(this.#counted(view).weights);
  }

  weights(view: View): Weights {
    return this.#of(view).weights;
  }

  likelihood(view: View, category: string): CategoryLikelihood {
    const worked = this.#counted(view);
    worked.likelihoods ??= likelihoodsOf(worked.weights);
    return worked.likelihoods(category);
  }

  spread(view: View): SpreadFields {
    const worked = this.#of(view);
    worked.spread ??= spreadOf(worked.weights, view);
    return worked.spread;
  }

  /** What has shares. */
  #counted(view: View): Worked {
    const worked = this.#of(view);
    if (worked.weights.size > 0) return worked;
    throw this.#live.withoutCategories();
  }

  #of(view: View): Worked {
    this.#live.record();
    if (this.#version !== this.#live.version) {
      this.#worked.clear();
      this.#version = this.#live.version;
    }
    let worked = this.#worked.get(view);
    if (worked === undefined) {
      worked = { weights: this.#live.totals(view) };
      this.#worked.set(view, worked);
    }
    return worked;
  }
}

/** Shares of all weights; of weights that are all nought, noughts. In JSON text, for a key may be `__proto__`. */
export function histogramText(weights: Weights, keys: Iterable<string> = byWeight(weights)): string {
  let whole = 0;
  for (const weight of weights.values()) whole += weight;
  const shareOf = (key: string) => (whole === 0 ? 0 : (weights.get(key) ?? 0) / whole);
  return `{${[...keys].map((key) => `${JSON.stringify(key)}:${shareOf(key)}`).join(",")}}`;
}

const byWeight = (weights: Weights): string[] =>
  [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key);
