import { ForwardWeights } from "./forward-weights.ts";

/** How fast the past is forgotten: a half-life, s of stream time. */
const HALF_LIFE_SECONDS = 3600;
/** Mean time that a weight of such a half-life stands for, s. */
const MEAN_LIFE_SECONDS = HALF_LIFE_SECONDS / Math.LN2;
/** The first events are taken to fill at least so much time, s: a burst at the start is no rate. */
const EXPOSURE_SECONDS_MIN = 1;

/** How fast events come at present: their decayed count by the time it stands for. Holds three numbers. */
export class PresentRate {
  readonly #weights = new ForwardWeights([HALF_LIFE_SECONDS]);
  #start = Number.NaN;
  #now = Number.NEGATIVE_INFINITY;

  /** One event at `now`, ms since the Unix epoch; a time that goes back is taken for the present. */
  add(now: number): void {
    this.#now = Math.max(this.#now, now);
    if (Number.isNaN(this.#start)) this.#start = this.#now;
    this.#weights.advance(this.#now);
    this.#weights.add(0, 0);
  }

  /** Events a second; 0 before the first. */
  perSecond(): number {
    const seconds = (this.#now - this.#start) / 1000;
    const exposure = MEAN_LIFE_SECONDS * -Math.expm1(-seconds / MEAN_LIFE_SECONDS);
    return this.#weights.total(0) / Math.max(EXPOSURE_SECONDS_MIN, exposure || 0);
  }
}
