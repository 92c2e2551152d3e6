/**
 * How counts come about, as far as a test for a change needs to know it. A channel's parameter is its expected count for
 * each unit of exposure: events a second, or a category's share of the events.
 */
export interface CountModel {
  /** Factors on the parameter (share: on its odds) that are tested for, ascending; none is 1. */
  readonly ratios: readonly number[];
  /** What is usual is weighed by exp(-age / memory), s. */
  readonly memory: number;
  /** A change is one of so many seconds: one alone counts at most this part of the threshold. */
  readonly secondsDecisive: number;
  /** The parameter of a channel that had `count` in this exposure; never 0, for what was not seen is not impossible. */
  parameter(count: number, exposure: number, channels: number): number;
  /** What the log-likelihood ratio of `ratio` against 1 loses for each unit of exposure. */
  cost(ratio: number, parameter: number): number;
  /** That what changed is as usual again is believed on so much evidence, nats. */
  readonly natsOfReturn: number;
  /** One channel's gain is the others' loss. */
  readonly shares: boolean;
  /** Variance of a count for each unit of exposure. */
  variance(parameter: number): number;
  /**
   * What chance alone does: a bank of CUSUMs, one a ratio, passes a level of h nats about C e^-h times a second, where
   * `rate` is the expected count a second. Fitted to simulation from 1e-5 to 30 a second (bench/detect, `chance`); above,
   * it is more than the truth.
   */
  chance(rate: number): number;
}

const RATIOS = [0.15, 0.25, 0.4, 0.6, 1.6, 2.4, 4, 7] as const;
/** Categories that were all but unknown may come many times as often as they used to. */
const RATIOS_OF_RARE = [14, 60, 300] as const;
/** Jeffreys' half a count for what may not have been seen yet. */
const UNSEEN = 0.5;

const chanceOfCommon = (rate: number) => (3.25 * rate) / (1 + 4.5 * rate);
const chanceOfRare = (rate: number) => (25 * rate) / (1 + 300 * rate);

/** Events that come at a rate, independently: counts are Poisson, exposure is time in seconds. One channel. */
export const RATE_MODEL: CountModel = {
  ratios: RATIOS,
  memory: 900,
  natsOfReturn: 13,
  shares: false,
  secondsDecisive: 2.5,
  parameter: (count, exposure) => (count + UNSEEN) / exposure,
  cost: (ratio, rate) => (ratio - 1) * rate,
  variance: (rate) => rate,
  chance: chanceOfCommon,
};

/**
 * Categories' shares of events: counts are binomial, exposure is the number of events. With odds multiplied by r the
 * log-likelihood ratio of c among n is c ln r - n ln(1 + (r - 1) p).
 */
export const SHARE_MODEL: CountModel = {
  ratios: [...RATIOS, ...RATIOS_OF_RARE],
  memory: 1800,
  natsOfReturn: 10,
  shares: true,
  secondsDecisive: 1.5,
  parameter: (count, exposure, channels) => (count + UNSEEN) / (exposure + UNSEEN * (channels + 1)),
  cost: (ratio, share) => Math.log1p((ratio - 1) * share),
  variance: (share) => share * (1 - share),
  chance: (rate) => chanceOfCommon(rate) + chanceOfRare(rate),
};
