import type { Stage } from "../core/stage.ts";
import type { PriorCount } from "./category-mixture.ts";
import { CategoryModel, type Familiarity } from "./category-model.ts";
import { RARITY_TOP, RarityHistory } from "./rarity-history.ts";

/** Events with a category that are learnt before any is judged; those that were counted before the start belong to them. */
const WARM_UP_EVENTS = 300;

/** An event, as far as its category goes. */
export interface Sighting {
  /** Arrival time, ms since the Unix epoch. */
  readonly at: number;
  /** Its category, or null. */
  key(): string | null;
}

/** How improbable an event was when it came. */
export interface ScoredEvent {
  /** Stream time, ms since the Unix epoch. */
  readonly now: number;
  readonly key: string;
  readonly familiarity: Familiarity;
  /** Its category's probability, above 0, at most 1. */
  readonly probability: number;
  /** The share of events that are as improbable or more, at least `probability`; past 1/16 exact only where asked for. */
  readonly rarity: number;
  /** The probability of any category that was never seen. */
  readonly unseen: number;
  /** Events with a category before this one. */
  readonly before: number;
  /** The warm-up is over. */
  readonly judged: boolean;
}

/** Where a model begins: counts as of a point of stream time, ms since the Unix epoch. */
export interface WarmStart {
  readonly time: number;
  readonly counts: ReadonlyMap<string, PriorCount>;
}

export interface ScoredEventsOptions {
  readonly categoriesMax: number;
  /** Sum large rarities too. */
  readonly exact: boolean;
  readonly warmStart?: WarmStart | undefined;
  /** An event came whose category is one too many to be learnt. */
  readonly beyond: () => void;
}

/**
 * Scores each event of one stream, then learns it; gives one score for each that has a category, in order.
 *
 * Time is the greatest `at` so far. Rarities are corrected by those given before.
 */
export const scoredEvents =
  ({ categoriesMax, exact, warmStart, beyond }: ScoredEventsOptions): Stage<Sighting, ScoredEvent> =>
  (emit) => {
    const model = new CategoryModel(categoriesMax);
    const history = new RarityHistory();
    const cap = exact ? 1 : RARITY_TOP;
    let now = Number.NEGATIVE_INFINITY;

    function advance(time: number): void {
      if (!(time > now)) return;
      now = time;
      model.advance(now);
      history.advance(now);
    }
    if (warmStart !== undefined) {
      advance(warmStart.time);
      model.begin(warmStart.counts, now);
    }

    return {
      push(sighting) {
        advance(sighting.at);
        const key = sighting.key();
        if (key === null) return;
        const before = model.events;
        const judged = before >= WARM_UP_EVENTS;
        const { familiarity, probability, rarity, unseen } = model.likelihood(key, cap);
        const corrected = history.corrected(rarity);
        history.add(rarity);
        if (familiarity === "beyond") beyond();
        model.learn(key);
        emit({ now, key, familiarity, probability, rarity: corrected, unseen, before, judged });
      },
      tick: advance,
    };
  };
