import type { Moment, Snapshot } from "../detector.ts";
import { fieldsOf, numberOf, numberOrNull } from "../snapshot.ts";
import { Baseline, type Sample } from "./baseline.ts";
import {
  changesIn,
  evidentChanges,
  giveUpChannel,
  type Instruments,
  reachedWith,
} from "./changed-channels.ts";
import { Course } from "./course.ts";
import { CusumBank } from "./cusum-bank.ts";
import { Experience } from "./experience.ts";
import { Hold } from "./hold.ts";
import { LateCounts } from "./late-counts.ts";
import type { CountModel } from "./model.ts";
import { ToldChange } from "./told-change.ts";
import { WarmUp } from "./warm-up.ts";

const SECONDS_PER_DAY = 86_400;
/** Beside what is told, a channel has changed too when its own test is so near to the threshold, nats. */
const EVIDENT_NATS = 2;
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
  readonly #instruments: Instruments;
  readonly #baseline: Baseline;
  readonly #bank: CusumBank;
  readonly #experience = new Experience();
  readonly #warmUp: WarmUp;
  #score: number | null = null;
  #told: ToldChange | undefined;
  readonly #hold = new Hold();
  readonly #course = new Course();

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
    // However many false alarms are allowed, no score below 1 is told.
    this.threshold = Math.max(1, Math.log(SECONDS_PER_DAY / options.perDay));
    this.#baseline = new Baseline(options.model);
    this.#bank = new CusumBank(options.model.ratios);
    this.#warmUp = new WarmUp(options.events);
    this.#instruments = { model: options.model, baseline: this.#baseline, bank: this.#bank };
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
  /** All that changed has looked as usual of late. */
  get isReturning(): boolean {
    return this.#told?.isReturning ?? false;
  }
  /** When the change began, as far as is known; after an end, since when all is as usual again, ms. */
  get begun(): number {
    return this.#course.begun;
  }
  get direction(): "up" | "down" {
    return this.#course.direction;
  }
  /** With the last record what had changed one way was found to have changed the other way since `begun`. */
  get hasTurned(): boolean {
    return this.#course.hasTurned;
  }
  /** In how many seconds chance does once as much as was seen of what is told, at its height. */
  get chanceSeconds(): number {
    const peak = this.#told === undefined ? 0 : this.#experience.calibrated(this.#told.peak, this.threshold);
    return Math.exp(Math.max(this.#score ?? 0, peak));
  }
  get ended(): "returned" | "new-normal" | undefined {
    return this.#course.ended;
  }
  /** The channels that changed, the one that stood out most when it was told first. */
  get changed(): readonly number[] {
    return this.#told?.channels ?? this.#course.channels;
  }
  /** What is usual of a channel, for each unit of exposure; and how many events that was learnt from. */
  usual(channel: number): number {
    return this.#baseline.parameters[channel] ?? 0;
  }
  remembered(channel: number): number {
    return this.#baseline.count(channel);
  }

  /** A channel for another category, of those that are free and at rest; undefined: there is none. */
  giveUp(isFree: (channel: number) => boolean): number | undefined {
    const isOut = (channel: number) => isFree(channel) && !this.changed.includes(channel);
    return giveUpChannel(this.#instruments, { told: this.#told, isFree: isOut });
  }

  push(sample: Sample, moment: Moment): void {
    const isHeld = this.#isHeld(moment);
    this.#course.hasTurned = false;
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

  #test(sample: Sample): number {
    return reachedWith(this.#instruments, sample, this.#level);
  }

  #tell(reached: number): void {
    const { leader, rise, fall } = this.#bank;
    const begun = this.#bank.latestStart(leader);
    const isExchange = this.#bank.exchangeOver(this.#logChance) > leader.sum - this.#logChance;
    const changes = changesIn(this.#instruments, isExchange ? [rise, fall] : [leader]);
    this.#course.begin(begun, changes[0]!.factor > 1 ? "up" : "down");
    this.#told = new ToldChange({ begun, level: this.#level, reached }, this.#options.model.memory);
    this.#told.join(changes);
    this.#joinEvident(this.#told);
    this.#letGo();
  }

  #joinEvident(told: ToldChange): void {
    told.join(evidentChanges(this.#instruments, told, this.#level + this.#logChance - EVIDENT_NATS));
  }

  #follow(told: ToldChange, sample: Sample, reached: number): void {
    const { model } = this.#options;
    this.#joinEvident(told);
    const tests = told.channels.map((channel) => this.#bank.of(channel));
    told.refine(changesIn(this.#instruments, tests));
    const { parameters } = this.#baseline;
    const dispersion = this.#baseline.dispersionOver(RETURN_SECONDS);
    const how = told.push(sample, { model, parameters, dispersion }, reached);
    if (how === "turned") this.#course.turn(told.overSince);
    else if (how !== "lasting") this.#end(told, how);
  }

  #end(told: ToldChange, how: "returned" | "new-normal"): void {
    if (how === "returned") {
      this.#course.begun = told.overSince;
      this.#experience.told(told.episode, SECONDS_PER_DAY / this.#options.perDay);
    } else {
      this.#baseline.replace(told.counts);
      this.#baseline.set(this.#bank);
    }
    this.#course.end(how, told.channels);
    this.#told = undefined;
    this.#bank.restart();
    this.#score = this.#experience.calibrated(0, this.threshold);
  }

  snapshot(): Snapshot {
    return {
      baseline: this.#baseline.snapshot(),
      bank: this.#bank.snapshot(),
      experience: this.#experience.snapshot(),
      warmUp: this.#warmUp.snapshot(),
      score: this.#score,
      told: this.#told?.snapshot() ?? null,
      course: this.#course.snapshot(),
      hold: this.#hold.snapshot(),
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
    this.#course.restore(fields["course"]);
    this.#hold.restore(fields["hold"]);
  }
}
