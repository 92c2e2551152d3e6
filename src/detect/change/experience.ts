import type { Snapshot } from "../detector.ts";
import { booleanOf, fieldsOf, numberOf, numberOrNull } from "../snapshot.ts";

/** Scores from here on teach; in theory chance passes this about once in five minutes. */
const FROM = 5.7;
/** A passage is over when the score is so far below. */
const BACK = 2;
/** Theory weighs as much as so many passages, for good. */
const PASSAGES_OF_THEORY = 30;
const SECONDS_OF_THEORY = PASSAGES_OF_THEORY * Math.exp(FROM);
/** What was seen is weighed by exp(-age / this), s. */
const MEMORY_SECONDS = 86_400;
/** The tail is at least this part as heavy as in theory. */
const EXCESS_MIN = 0.7;
/** An episode this short, s, that got so many times as high as it had to, is a burst: the floor goes beyond its peak. */
const BURST_SECONDS = 30;
const BURST_PEAK_MIN = 2;
const BEYOND_PEAK = 3;
/** Any other one raises the floor by so much. */
const BEYOND_TOLD = 1.2;

/** An episode as its scores went. */
export interface ToldEpisode {
  readonly peak: number;
  /** What the score had to pass. */
  readonly level: number;
  /** From the change to its end. */
  readonly seconds: number;
}

/**
 * How often the scores of one stream get high though nothing has changed, learnt from the stream.
 *
 * In theory chance passes a score of s once in e^s seconds: passages above 5.7 exceed it by an exponential excess of
 * mean 1 (the peaks of a CUSUM; Siegmund 1985, ch. II). Streams are not what theory has them, so their own passages,
 * with those of theory as a prior (conjugate: Gamma), give how often there are any and their mean excess; the calibrated
 * score is the logarithm of the time between passages that high, s.
 *
 * What was told is not learnt so, for a change is no chance. But where more is told than the budget allows, the model is
 * wrong, and a floor under the threshold makes up for it: three times the peak of a burst, 1.2 times the level that any other
 * episode passed; it halves in 17 h. Holds eight numbers.
 */
export class Experience {
  #passages = 0;
  #seconds = 0;
  /** Sum of their excesses. */
  #excess = 0;
  /** Greatest excess of the passage that lasts. */
  #peak = 0;
  #within = false;
  /** No score below this is told. */
  #floor = 0;
  /** Observed time, and where it stood when something was told last, s. */
  #observed = 0;
  #toldAt: number | null = null;

  /** The score stood so high for so long. */
  push(score: number, seconds: number): void {
    const kept = Math.exp(-seconds / MEMORY_SECONDS);
    this.#observe(seconds);
    this.#passages *= kept;
    this.#excess *= kept;
    this.#seconds = this.#seconds * kept + seconds;
    if (score >= FROM) {
      this.#within = true;
      this.#peak = Math.max(this.#peak, score - FROM);
    } else if (this.#within && score < FROM - BACK) this.#close();
  }

  /** Time passed in an episode. */
  #observe(seconds: number): void {
    this.#observed += seconds;
    this.#floor *= Math.exp(-seconds / MEMORY_SECONDS);
  }

  #close(): void {
    this.#passages += 1;
    this.#excess += this.#peak;
    this.drop();
  }

  /** The passage that lasts was no chance. */
  drop(): void {
    this.#within = false;
    this.#peak = 0;
  }

  /** An episode that was told is over. @param allowed the time in which the budget has one, s. */
  told({ peak, level, seconds }: ToldEpisode, allowed: number): void {
    this.#observe(seconds);
    const isWithinBudget = this.#toldAt === null || this.#observed - this.#toldAt > allowed;
    this.#toldAt = this.#observed;
    if (isWithinBudget) return;
    const isBurst = seconds <= BURST_SECONDS && peak >= BURST_PEAK_MIN * level;
    this.#floor = Math.max(this.#floor, isBurst ? BEYOND_PEAK * peak : BEYOND_TOLD * level);
  }

  get #meanExcess(): number {
    const mean = (PASSAGES_OF_THEORY + this.#excess) / (PASSAGES_OF_THEORY + this.#passages);
    return Math.max(EXCESS_MIN, mean);
  }
  /** Logarithm of the time between passages, s. */
  get #spacing(): number {
    return Math.log((SECONDS_OF_THEORY + this.#seconds) / (PASSAGES_OF_THEORY + this.#passages));
  }

  /**
   * The logarithm of the time, s, in which this stream gets so high once though nothing has changed. Where the floor is
   * above what that makes of `threshold`, scores are in proportion to it, so that `threshold` is still what decides.
   */
  calibrated(score: number, threshold: number): number {
    if (this.#floor > this.#uncalibrated(threshold)) return (threshold * score) / this.#floor;
    if (score < FROM) return (score / FROM) * this.#spacing;
    return this.#spacing + (score - FROM) / this.#meanExcess;
  }

  /** The score whose calibrated one is the threshold. */
  level(threshold: number): number {
    return Math.max(this.#uncalibrated(threshold), this.#floor);
  }

  #uncalibrated(threshold: number): number {
    const spacing = this.#spacing;
    if (threshold < spacing) return (threshold / spacing) * FROM;
    return FROM + (threshold - spacing) * this.#meanExcess;
  }

  snapshot(): Snapshot {
    return {
      passages: this.#passages,
      seconds: this.#seconds,
      excess: this.#excess,
      peak: this.#peak,
      within: this.#within,
      floor: this.#floor,
      observed: this.#observed,
      toldAt: this.#toldAt,
    };
  }

  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "experience");
    this.#passages = numberOf(fields, "passages");
    this.#seconds = numberOf(fields, "seconds");
    this.#excess = numberOf(fields, "excess");
    this.#peak = numberOf(fields, "peak");
    this.#within = booleanOf(fields, "within");
    this.#floor = numberOf(fields, "floor");
    this.#observed = numberOf(fields, "observed");
    this.#toldAt = numberOrNull(fields, "toldAt");
  }
}
