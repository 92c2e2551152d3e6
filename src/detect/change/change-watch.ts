import type { Moment, Snapshot } from "../detector.ts";
import { arrayOf, endingOf, fieldsOf, isNumber, numberOf, numberOrNull } from "../snapshot.ts";
import { Baseline, type Sample } from "./baseline.ts";
import { CusumBank, type Leader } from "./cusum-bank.ts";
import { Experience } from "./experience.ts";
import { Hold } from "./hold.ts";
import { LateCounts } from "./late-counts.ts";
import type { CountModel } from "./model.ts";
import { type Changed, changeIn } from "./return-test.ts";
import { ToldChange } from "./told-change.ts";
import { leastOf } from "./vectors.ts";
import { WarmUp } from "./warm-up.ts";

const SECONDS_PER_DAY = 86_400;
/** Beside what is told, a channel has changed too when its own test is so near to the threshold, nats. */
const EVIDENT_NATS = 2;
/** Nothing is afoot in a channel whose tests stand lower, nats. */
const IDLE_NATS = 3;
/** Whether a level is back is judged with the dispersion of counts over so many seconds. */
const RETURN_SECONDS = 8;

export interface ChangeWatchOptions {
  readonly model: CountModel;
  /** False alarms a day that it may cost. */
  readonly perDay: number;
  /** Events that the warm-up needs. */
  readonly events: number;
}

/**
 * Watches counts for a change of their parameters, and for the end of it.
 *
 * A bank of CUSUMs looks for changes of 1.6 times and more, up or down, of any channel, against what is usual. The score
 * is the logarithm of the time, s, after which chance alone gets as far, by theory and by the stream's own experience; so
 * the threshold is ln(seconds per false alarm). While a change lasts, what is usual stands still, until the same test
 * turned round says that it is over, or for 15 min; then the new level is the usual one. A warm-up in which something
 * changes begins anew.
 */
export class ChangeWatch {
  readonly #options: ChangeWatchOptions;
  readonly threshold: number;
  readonly #baseline: Baseline;
  readonly #bank: CusumBank;
  readonly #experience = new Experience();
  readonly #warmUp: WarmUp;
  #score: number | null = null;
  #told: ToldChange | undefined;
  /** The channels of the change that was told last. */
  #changed: readonly number[] = [];
  readonly #hold = new Hold();
  #begun = 0;
  #ended: "returned" | "new-normal" | undefined;

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
    // However many false alarms are allowed, no score below 1 is told.
    this.threshold = Math.max(1, Math.log(SECONDS_PER_DAY / options.perDay));
    this.#baseline = new Baseline(options.model);
    this.#bank = new CusumBank(options.model.ratios);
    this.#warmUp = new WarmUp(options.events);
  }

  /** Logarithm of the time, s, in which chance gets so far once; null before there is a baseline. */
  get score(): number | null {
    return this.#score;
  }
  get isFiring(): boolean {
    return this.#told !== undefined;
  }
  get isWarm(): boolean {
    return this.#warmUp.isOver;
  }
  /** When the change began, as far as is known; after an end, since when all is as usual again, ms. */
  get begun(): number {
    return this.#begun;
  }
  get ended(): "returned" | "new-normal" | undefined {
    return this.#ended;
  }
  /** The channels that changed, the one that stood out most when it was told first. */
  get changed(): readonly number[] {
    return this.#told?.channels ?? this.#changed;
  }
  /** What is usual of a channel, for each unit of exposure; and how many events that was learnt from. */
  usual(channel: number): number {
    return this.#baseline.parameters[channel] ?? 0;
  }
  remembered(channel: number): number {
    return this.#baseline.count(channel);
  }

  /** Gives the channel that counted least, of those that are free and at rest, to another category; undefined: there is none. */
  giveUp(isFree: (channel: number) => boolean): number | undefined {
    const isAtRest = (channel: number) =>
      this.#bank.of(channel).sum < IDLE_NATS && !this.changed.includes(channel);
    const least = leastOf(this.#bank.channels, {
      of: (channel) => this.#baseline.gathered(channel) + (this.#told?.counts.gathered(channel) ?? 0),
      isEligible: (channel) => isFree(channel) && isAtRest(channel),
    });
    if (least === undefined) return undefined;
    this.#baseline.passOn(least, this.#bank);
    this.#told?.counts.passOn(least);
    return least;
  }

  push(sample: Sample, moment: Moment): void {
    const isHeld = this.#isHeld(moment);
    if (!this.#warmUp.isOver) {
      if (!isHeld) this.#prepare(sample);
      return;
    }
    if (sample.channels > this.#bank.channels) this.#baseline.admit(sample.channels, this.#bank);
    const reached = this.#test(sample);
    this.#score = this.#experience.calibrated(reached, this.threshold);
    if (this.#told !== undefined) this.#follow(this.#told, sample, reached);
    else if (reached >= this.#level) this.#tell(reached);
    else if (!isHeld) {
      this.#experience.push(reached, sample.seconds);
      this.#baseline.learn(sample, this.#bank);
    }
  }

  /** What is counted now is to teach nothing. */
  #isHeld({ now, frozen }: Moment): boolean {
    // Its own episode is no reason, for what is counted in that is kept apart.
    const moment = { now, frozen: frozen && this.#told === undefined };
    if (this.#hold.begins(moment)) this.#letGo();
    return this.#hold.lasts(moment);
  }

  /** The last seconds teach nothing. */
  #letGo(): void {
    this.#baseline.drop();
    this.#experience.drop();
  }

  /** The warm-up: learns at once; what came before a change is not what is usual. */
  #prepare(sample: Sample): void {
    const isKnown = sample.channels <= this.#bank.channels;
    if (isKnown && this.#warmUp.isRehearsing && this.#test(sample) >= this.#level) {
      this.#warmUp.beginAnew();
      this.#baseline.replace(new LateCounts(this.#options.model.memory));
      this.#bank.restart();
      return;
    }
    this.#warmUp.push(sample);
    this.#baseline.warmUp(sample);
    this.#baseline.admit(sample.channels, this.#bank);
    this.#baseline.set(this.#bank);
    if (this.#warmUp.isOver) this.#bank.restart();
  }

  /** What a score has to pass, before it is calibrated. */
  get #level(): number {
    return this.#experience.level(this.threshold);
  }
  get #logChance(): number {
    return this.#baseline.logChance(this.#level);
  }

  /** How far the tests are: in theory chance gets there once in e^this seconds. */
  #test({ counts, exposure, seconds, start }: Sample): number {
    const { secondsDecisive } = this.#options.model;
    const parts = Math.max(1, Math.min(secondsDecisive, seconds));
    const most = ((this.#level + this.#logChance) / secondsDecisive) * parts;
    this.#bank.push(counts, exposure, { most, start });
    return Math.max(0, this.#bank.leader.sum - this.#logChance, this.#bank.exchangeOver(this.#logChance));
  }

  #tell(reached: number): void {
    const { leader, rise, fall } = this.#bank;
    const { begun } = leader;
    this.#begun = begun;
    this.#ended = undefined;
    this.#told = new ToldChange({ begun, level: this.#level, reached }, this.#options.model.memory);
    const isExchange = this.#bank.exchangeOver(this.#logChance) > leader.sum - this.#logChance;
    this.#told.join(this.#changesIn(isExchange ? [rise, fall] : [leader]));
    this.#told.join(this.#evident());
    this.#letGo();
  }

  #changesIn(tests: readonly Leader[]): Changed[] {
    const { ratios } = this.#options.model;
    return tests.map((test) =>
      changeIn(test, { ratio: ratios[test.place]!, usual: this.usual(test.channel) }),
    );
  }

  /** The channels that changed beyond doubt. */
  #evident(): Changed[] {
    return this.#changesIn(this.#bank.above(this.#level + this.#logChance - EVIDENT_NATS));
  }

  #follow(told: ToldChange, sample: Sample, reached: number): void {
    const { model, perDay } = this.#options;
    told.join(this.#evident());
    const { parameters } = this.#baseline;
    const dispersion = this.#baseline.dispersionOver(RETURN_SECONDS);
    const how = told.push(sample, { model, parameters, dispersion }, reached);
    if (how === "lasting") return;
    if (how === "returned") {
      this.#begun = told.overSince;
      this.#experience.told(told.episode, SECONDS_PER_DAY / perDay);
    } else {
      this.#baseline.replace(told.counts);
      this.#baseline.set(this.#bank);
    }
    this.#changed = told.channels;
    this.#told = undefined;
    this.#ended = how;
    this.#bank.restart();
  }

  snapshot(): Snapshot {
    return {
      baseline: this.#baseline.snapshot(),
      bank: this.#bank.snapshot(),
      experience: this.#experience.snapshot(),
      warmUp: this.#warmUp.snapshot(),
      score: this.#score,
      told: this.#told?.snapshot() ?? null,
      changed: [...this.#changed],
      hold: this.#hold.snapshot(),
      begun: this.#begun,
      ended: this.#ended ?? null,
    };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "change");
    const { told } = fields;
    const channels = numberOf(fieldsOf(fields["bank"], "bank"), "channels");
    this.#baseline.restore(fields["baseline"], channels, this.#bank);
    this.#bank.restore(fields["bank"]);
    this.#experience.restore(fields["experience"]);
    this.#warmUp.restore(fields["warmUp"]);
    this.#score = numberOrNull(fields, "score");
    this.#told = told === null ? undefined : ToldChange.restore(told, this.#options.model.memory);
    this.#changed = arrayOf(fields, "changed", isNumber);
    this.#hold.restore(fields["hold"]);
    this.#begun = numberOf(fields, "begun");
    this.#ended = endingOf(fields["ended"]);
  }
}
