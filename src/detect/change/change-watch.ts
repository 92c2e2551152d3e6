import type { Moment, Snapshot } from "../detector.ts";
import { booleanOf, endingOf, fieldsOf, numberOf, numberOrNull } from "../snapshot.ts";
import { Baseline, type Sample } from "./baseline.ts";
import { CusumBank } from "./cusum-bank.ts";
import { Experience } from "./experience.ts";
import { LateCounts } from "./late-counts.ts";
import type { CountModel } from "./model.ts";
import { type Changed, ReturnTest } from "./return-test.ts";

/** Nothing is judged before so much was heard, s. */
const WARM_UP_SECONDS = 60;
/** In the warm-up a change is looked for after so long, s; where the stream is never steady for so long, no more. */
const REHEARSAL_SECONDS = 10;
const REHEARSED_SECONDS = 900;
/** So long is what was usual held against a new level, ms; then the new level is the usual one. */
const NEW_NORMAL_MS = 15 * 60_000;
const SECONDS_PER_DAY = 86_400;
/** One channel rising while another falls: chance does both more seldom than either, by a factor C h, C being `chance` (bench/detect). */
const EXCHANGE_FACTOR = 3.6;
/** Whether a level is back is judged with the dispersion of counts over so many seconds. */
const RETURN_SECONDS = 8;

export interface ChangeWatchOptions {
  readonly model: CountModel;
  /** False alarms a day that it may cost. */
  readonly perDay: number;
  /** Events that the warm-up needs. */
  readonly events: number;
}

/** A change that was told. */
interface Told {
  /** When it was, and when the change began, ms. */
  readonly at: number;
  readonly begun: number;
  /** What its score had to pass, and how far it went. */
  readonly level: number;
  peak: number;
  /** What was counted since, in case it becomes usual. */
  readonly counts: LateCounts;
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
  readonly #return = new ReturnTest();
  /** Heard and counted in the warm-up, since it began, anew or at first; and all that was heard in it. */
  #heard = 0;
  #events = 0;
  #tried = 0;
  #warm = false;
  #score: number | null = null;
  #told: Told | undefined;
  /** Since when another detector's episode has been open, ms. */
  #frozenSince: number | null = null;
  #begun = 0;
  #ended: "returned" | "new-normal" | undefined;

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
    this.threshold = Math.log(SECONDS_PER_DAY / options.perDay);
    this.#baseline = new Baseline(options.model);
    this.#bank = new CusumBank(options.model.ratios);
  }

  /** Logarithm of the time, s, in which chance gets so far once; null before there is a baseline. */
  get score(): number | null {
    return this.#score;
  }
  get isFiring(): boolean {
    return this.#told !== undefined;
  }
  get isWarm(): boolean {
    return this.#warm;
  }
  /** When the change began, as far as is known; after an end, since when all is as usual again, ms. */
  get begun(): number {
    return this.#begun;
  }
  get ended(): "returned" | "new-normal" | undefined {
    return this.#ended;
  }
  /** The channels that changed. */
  get changed(): readonly number[] {
    return this.#return.channels;
  }
  /** What is usual of a channel, for each unit of exposure; and how many events that was learnt from. */
  usual(channel: number): number {
    return this.#baseline.parameters[channel] ?? 0;
  }
  remembered(channel: number): number {
    return this.#baseline.count(channel);
  }

  push(sample: Sample, moment: Moment): void {
    const isHeld = this.#isHeld(moment);
    if (!this.#warm) {
      if (!isHeld) this.#warmUp(sample);
      return;
    }
    if (sample.channels > this.#bank.channels) this.#baseline.admit(sample.channels, this.#bank);
    const reached = this.#test(sample);
    this.#score = this.#experience.calibrated(reached, this.threshold);
    if (this.#told !== undefined) this.#follow(this.#told, sample, reached, moment.now);
    else if (reached >= this.#level) this.#tell(reached, moment.now);
    else if (!isHeld) {
      this.#experience.push(reached, sample.seconds);
      this.#baseline.learn(sample, this.#bank);
    }
  }

  /** The channel stands for something else from now on. */
  clear(channel: number): void {
    if (this.#warm) this.#baseline.clear(channel, this.#bank);
  }

  /** Another detector's episode is open: for 15 min nothing is learnt from what may not be usual. */
  #isHeld({ now, frozen }: Moment): boolean {
    if (!frozen || this.#told !== undefined) this.#frozenSince = null;
    else if (this.#frozenSince === null) {
      this.#frozenSince = now;
      this.#letGo();
    }
    return this.#frozenSince !== null && now - this.#frozenSince < NEW_NORMAL_MS;
  }

  /** The last seconds teach nothing. */
  #letGo(): void {
    this.#baseline.drop();
    this.#experience.drop();
  }

  #warmUp(sample: Sample): void {
    const { counts, channels, seconds } = sample;
    this.#tried += seconds;
    if (this.#tried < REHEARSED_SECONDS && this.#isRestless(sample)) {
      this.#beginAnew();
      return;
    }
    this.#baseline.warmUp(sample);
    this.#heard += seconds;
    for (let channel = 0; channel < channels; channel++) this.#events += counts[channel]!;
    this.#baseline.admit(channels, this.#bank);
    this.#baseline.set(this.#bank);
    if (this.#heard < WARM_UP_SECONDS || this.#events < this.#options.events) return;
    this.#warm = true;
    this.#bank.restart();
  }

  /** The warm-up so far and this record tell of different levels. */
  #isRestless(sample: Sample): boolean {
    if (this.#heard < REHEARSAL_SECONDS || sample.channels > this.#bank.channels) return false;
    return this.#test(sample) >= this.#level;
  }

  /** What came before the change that was found is not what is usual. */
  #beginAnew(): void {
    this.#heard = 0;
    this.#events = 0;
    this.#baseline.replace(new LateCounts(this.#options.model.memory));
    this.#bank.restart();
  }

  /** What a score has to pass, before it is calibrated. */
  get #level(): number {
    return this.#experience.level(this.threshold);
  }

  /** How far the tests are: in theory chance gets there once in e^this seconds. */
  #test({ counts, exposure, seconds, start }: Sample): number {
    const { logChance } = this.#baseline;
    const { secondsDecisive } = this.#options.model;
    const parts = Math.max(1, Math.min(secondsDecisive, seconds));
    const most = (Math.max(1, this.#level + logChance) / secondsDecisive) * parts;
    this.#bank.push(counts, exposure, { most, start });
    const { exchange, leader } = this.#bank;
    const both = exchange > 1 ? exchange - 2 * logChance - Math.log(EXCHANGE_FACTOR * exchange) : 0;
    return Math.max(0, leader.sum - logChance, both);
  }

  #tell(reached: number, now: number): void {
    this.#begun = this.#bank.leader.begun;
    this.#told = {
      at: now,
      begun: this.#begun,
      level: this.#level,
      peak: reached,
      counts: new LateCounts(this.#options.model.memory),
    };
    this.#ended = undefined;
    this.#letGo();
    this.#return.begin(this.#changedBy(this.#bank.leader.sum / 2));
  }

  /** The channels whose tests stand at `nats` or higher. */
  #changedBy(nats: number): Changed[] {
    const changed: Changed[] = [];
    for (let channel = 0; channel < this.#bank.channels; channel++) {
      const { sum, level } = this.#bank.of(channel);
      if (sum >= nats) changed.push({ channel, factor: level / this.usual(channel) });
    }
    return changed;
  }

  #follow(told: Told, sample: Sample, reached: number, now: number): void {
    told.peak = Math.max(told.peak, reached);
    this.#return.join(this.#changedBy(this.#level + this.#baseline.logChance));
    const isOver = this.#return.push(sample, {
      model: this.#options.model,
      parameters: this.#baseline.parameters,
      dispersion: this.#baseline.dispersionOver(RETURN_SECONDS),
    });
    if (isOver) {
      this.#begun = this.#return.since;
      const seconds = Math.max(0, this.#begun - told.begun) / 1000;
      this.#experience.told({ peak: told.peak, level: told.level, seconds }, this.#secondsAllowed);
      this.#end("returned");
    } else if (now - told.at >= NEW_NORMAL_MS) {
      this.#baseline.replace(told.counts);
      this.#baseline.set(this.#bank);
      this.#end("new-normal");
    } else told.counts.push(sample.counts, sample.exposure, sample.seconds);
  }

  get #secondsAllowed(): number {
    return SECONDS_PER_DAY / this.#options.perDay;
  }

  #end(how: "returned" | "new-normal"): void {
    this.#told = undefined;
    this.#ended = how;
    this.#bank.restart();
  }

  snapshot(): Snapshot {
    const told = this.#told;
    return {
      baseline: this.#baseline.snapshot(),
      bank: this.#bank.snapshot(),
      experience: this.#experience.snapshot(),
      return: this.#return.snapshot(),
      heard: this.#heard,
      events: this.#events,
      tried: this.#tried,
      warm: this.#warm,
      score: this.#score,
      told: told === undefined ? null : { ...told, counts: told.counts.snapshot() },
      frozenSince: this.#frozenSince,
      begun: this.#begun,
      ended: this.#ended ?? null,
    };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "change");
    const channels = numberOf(fieldsOf(fields["bank"], "bank"), "channels");
    this.#warm = booleanOf(fields, "warm");
    this.#baseline.restore(fields["baseline"], channels, this.#bank);
    this.#bank.restore(fields["bank"]);
    this.#experience.restore(fields["experience"]);
    this.#return.restore(fields["return"]);
    this.#heard = numberOf(fields, "heard");
    this.#events = numberOf(fields, "events");
    this.#tried = numberOf(fields, "tried");
    this.#score = numberOrNull(fields, "score");
    this.#told = fields["told"] === null ? undefined : toldOf(fields["told"], this.#options.model);
    this.#frozenSince = numberOrNull(fields, "frozenSince");
    this.#begun = numberOf(fields, "begun");
    this.#ended = endingOf(fields["ended"]);
  }
}

function toldOf(value: unknown, { memory }: CountModel): Told {
  const fields = fieldsOf(value, "told");
  const counts = new LateCounts(memory);
  counts.restore(fields["counts"]);
  return {
    at: numberOf(fields, "at"),
    begun: numberOf(fields, "begun"),
    level: numberOf(fields, "level"),
    peak: numberOf(fields, "peak"),
    counts,
  };
}
