import type { Snapshot } from "../detector.ts";
import { fieldsOf, numberOf } from "../snapshot.ts";
import type { CusumBank } from "./cusum-bank.ts";
import { Dispersion } from "./dispersion.ts";
import { LateCounts } from "./late-counts.ts";
import type { CountModel } from "./model.ts";
import { grown, type Numbers, numbersOf } from "./vectors.ts";

/** What was learnt may be off by so many standard errors. */
const MARGIN = 0.5;
/** After so much evidence a change is found, about, nats: it tells how long that takes, and so how dispersed counts are. */
const NATS_TYPICAL = 12;
/** Chance does something, however few events come. */
const CHANCE_MIN = 1e-9;
/** Less evidence than this tells no change, nats, however seldom chance does anything. */
const NATS_MIN = 3;
/** What was learnt from nothing is not known at all, yet finite. */
const EXPOSURE_MIN = 1e-9;

/** What was counted in the time of one record. */
export interface Sample {
  /** By channel; at least `channels` long. */
  readonly counts: Numbers;
  readonly channels: number;
  readonly exposure: number;
  readonly seconds: number;
  /** When that time began, ms. */
  readonly start: number;
}

/**
 * What is usual: each channel's parameter, and by how much counts vary around it.
 *
 * Learns from samples, and sets what the tests of a bank go by: evidence is divided by the dispersion of counts over the
 * time that a change of that size takes to be found; parameters are taken half a standard error nearer to the changed
 * level than they were measured. Holds nine numbers a channel.
 */
export class Baseline {
  readonly #model: CountModel;
  #counts: LateCounts;
  #dispersion = new Dispersion();
  #parameters = new Float64Array(0);
  /** What is left of them without what a channel took over: that is no ground for saying that it fell. */
  #ownParameters = new Float64Array(0);
  #variance = 0;
  #chance = CHANCE_MIN;

  constructor(model: CountModel) {
    this.#model = model;
    this.#counts = new LateCounts(model.memory);
  }

  /** By channel. */
  get parameters(): Numbers {
    return this.#parameters;
  }
  /**
   * How often chance gets to h nats is so many times e^-h, a second; its logarithm, as far as it is believed where `level`
   * is to be passed.
   */
  logChance(level: number): number {
    return Math.max(Math.log(this.#chance), NATS_MIN - level);
  }
  /** Units of exposure a second; 0 before anything was counted. */
  get pace(): number {
    const { exposure, seconds } = this.#counts;
    return seconds === 0 ? 0 : exposure / seconds;
  }
  /** Events of a channel that are remembered. */
  count(channel: number): number {
    return this.#counts.count(channel);
  }
  dispersionOver(seconds: number): number {
    return this.#dispersion.over(seconds);
  }

  /** Before anything is judged: learns at once. */
  warmUp({ counts, exposure, seconds }: Sample): void {
    this.#counts.push(counts, exposure, seconds);
    this.#counts.settle();
  }

  learn({ counts, exposure, seconds }: Sample, bank: CusumBank): void {
    const expectation = { parameters: this.#parameters, variance: this.#variance };
    this.#dispersion.push(counts, exposure, seconds, expectation);
    if (this.#counts.push(counts, exposure, seconds)) this.set(bank);
  }

  /** What was gathered last may have been part of a change. */
  drop(): void {
    this.#counts.drop();
    this.#dispersion.drop();
  }

  /** These counts are what is usual from now on; how dispersed they are is to be learnt anew. */
  replace(counts: LateCounts): void {
    counts.settle();
    this.#counts = counts;
    this.#dispersion = new Dispersion();
  }

  /** All that was counted of a channel and is not forgotten. */
  gathered(channel: number): number {
    return this.#counts.gathered(channel);
  }

  /** The channel is another category's from now on, which takes over what was counted: so its level is never thought too low. */
  passOn(channel: number, bank: CusumBank): void {
    this.#counts.passOn(channel);
    this.#dispersion.clear(channel);
    bank.restart(channel);
    this.#setChannel(channel, bank);
  }

  /** Makes room for more channels. */
  admit(channels: number, bank: CusumBank): void {
    const before = bank.channels;
    bank.grow(channels);
    this.#parameters = grown(this.#parameters, channels);
    this.#ownParameters = grown(this.#ownParameters, channels);
    for (let channel = before; channel < channels; channel++) this.#setChannel(channel, bank);
  }

  /** What was learnt until now is what tests go by from now on. */
  set(bank: CusumBank): void {
    this.#dispersion.settle();
    let [variance, chance] = [0, 0];
    const shortest = this.#dispersion.over(0);
    for (let channel = 0; channel < bank.channels; channel++) {
      this.#setChannel(channel, bank);
      const parameter = this.#parameters[channel]!;
      variance += this.#model.variance(parameter);
      chance += this.#model.chance((parameter * this.pace) / shortest);
    }
    this.#variance = variance;
    this.#chance = Math.max(chance, CHANCE_MIN);
  }

  #setChannel(channel: number, bank: CusumBank): void {
    const parameterOf = (count: number) => this.#model.parameter(count, this.#counts.exposure, bank.channels);
    this.#parameters[channel] = parameterOf(this.#counts.count(channel));
    this.#ownParameters[channel] = parameterOf(this.#counts.own(channel));
    this.#setTests(channel, bank);
  }

  #setTests(channel: number, bank: CusumBank): void {
    const { ratios, cost } = this.#model;
    const parameter = this.#parameters[channel]!;
    const own = this.#ownParameters[channel]!;
    const { exposure } = this.#counts;
    const shortest = this.#dispersion.over(0);
    // An exponentially weighted mean has half the variance of a plain one over its exposure.
    const margin = MARGIN * Math.sqrt((parameter * shortest) / (2 * Math.max(exposure, EXPOSURE_MIN)));
    for (let place = 0; place < ratios.length; place++) {
      const ratio = ratios[place]!;
      const information = parameter * this.pace * (ratio * Math.log(ratio) - ratio + 1);
      const dispersion = this.#dispersion.over((NATS_TYPICAL * shortest) / information);
      const usual = ratio > 1 ? parameter + margin : Math.max(own / 2, own - margin);
      bank.set(channel, place, {
        gain: Math.log(ratio) / dispersion,
        cost: cost(ratio, usual) / dispersion,
      });
    }
  }

  snapshot(): Snapshot {
    return {
      counts: this.#counts.snapshot(),
      dispersion: this.#dispersion.snapshot(),
      parameters: [...this.#parameters],
      ownParameters: [...this.#ownParameters],
      variance: this.#variance,
      chance: this.#chance,
    };
  }

  /** @param channels how many the bank is to have. @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown, channels: number, bank: CusumBank): void {
    const fields = fieldsOf(snapshot, "baseline");
    this.#counts.restore(fields["counts"]);
    this.#dispersion.restore(fields["dispersion"]);
    bank.grow(channels);
    this.#parameters = grown(numbersOf(fields, "parameters"), channels);
    this.#ownParameters = grown(numbersOf(fields, "ownParameters"), channels);
    this.#variance = numberOf(fields, "variance");
    this.#chance = numberOf(fields, "chance");
    if (this.#counts.exposure === 0) return;
    for (let channel = 0; channel < channels; channel++) this.#setTests(channel, bank);
  }
}
