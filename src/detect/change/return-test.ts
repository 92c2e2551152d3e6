import type { Snapshot } from "../detector.ts";
import { arrayOf, fieldsOf, isObject, numberOf } from "../snapshot.ts";
import type { Sample } from "./baseline.ts";
import type { Leader } from "./cusum-bank.ts";
import type { CountModel } from "./model.ts";

/** All are back when each has so much evidence, and all together what the model asks for, nats. */
const NATS_EACH = 4;
/** A level that is back is on the other side instead, when there is so much evidence for that. */
const NATS_TURNED = 6;
/** One second is worth at most this part of it. */
const SECONDS_DECISIVE = 3;
/** The least change that counts as one, up; its inverse is not quite that, down. */
const LEAST_UP = 1.6;
const LEAST_DOWN = 0.6;
/** What is nearer to the usual level than the changed one by this factor is back. */
const NEARER = 1.5;
/** What has fallen to nothing is back when it comes more than so often. */
const MOST_DOWN = 0.1;

/** A channel that changed. */
export interface Changed {
  readonly channel: number;
  /** The changed level, in multiples of the usual one. */
  readonly factor: number;
}

/**
 * What a test of a channel says of its change. The test may have begun before that: its ratio tells at least as well what
 * became of the level.
 */
export function changeIn(
  { channel, level }: Pick<Leader, "channel" | "level">,
  { ratio, usual }: { ratio: number; usual: number },
): Changed {
  const factor = level / usual;
  return { channel, factor: ratio > 1 ? Math.max(ratio, factor) : Math.min(ratio, factor) };
}

interface Trial {
  readonly channel: number;
  /** The changed level, in multiples of the usual one. */
  factor: number;
  sum: number;
  /** When the sum last left 0: since then it has been as usual; and what was counted since. */
  begun: number;
  events: number;
  exposure: number;
  /** Evidence for a change to the other side. */
  opposite: number;
}

/** What is usual. */
export interface Usual {
  readonly model: CountModel;
  /** By channel. */
  readonly parameters: Float64Array;
  /** By how much counts vary more than the model has it. */
  readonly dispersion: number;
}

/**
 * The test for a change turned round: have the channels that changed come back to what was usual? For each a CUSUM of
 * the usual level against two thirds of the changed one, though at least against the least change that counts (1.6 or
 * 0.6 times). What comes back and goes on to the other side has turned: a change it is still, the other way. Holds five
 * numbers a changed channel.
 */
export class ReturnTest {
  #trials: Trial[] = [];

  /** These channels changed; those that are known to have are passed over. */
  join(changed: readonly Changed[]): void {
    for (const { channel, factor } of changed) {
      if (this.#trials.some((trial) => trial.channel === channel)) continue;
      this.#trials.push({ channel, ...afresh(factor) });
    }
  }

  /** What these channels' levels are by now, where nothing speaks for a return, and the side is the same. */
  refine(changed: readonly Changed[]): void {
    for (const { channel, factor } of changed) {
      const trial = this.#trials.find((each) => each.channel === channel);
      if (trial === undefined || trial.sum > 0 || trial.factor > 1 !== factor > 1) continue;
      trial.factor = factor;
    }
  }

  get channels(): readonly number[] {
    return this.#trials.map(({ channel }) => channel);
  }

  /** Since when all have been back, or the first has been on the other side, ms; for one that has passed or turned. */
  get since(): number {
    return Math.max(...this.#trials.map(({ begun }) => begun));
  }

  /** Each trial has some evidence. */
  get isUnderWay(): boolean {
    return this.#trials.every(({ sum }) => sum >= NATS_EACH / 2);
  }

  /** What became of them: `turned` is about the first. */
  push(sample: Sample, usual: Usual): "lasting" | "returned" | "turned" {
    let [sum, least] = [0, Number.POSITIVE_INFINITY];
    for (const trial of this.#trials) {
      step(trial, sample, usual);
      sum += trial.sum;
      least = Math.min(least, trial.sum);
    }
    if (sum < usual.model.natsOfReturn || least < NATS_EACH) return "lasting";
    const turned = this.#trials.filter(({ opposite }) => opposite >= NATS_TURNED);
    for (const trial of turned) turn(trial, usual);
    if (turned.length === 0) return "returned";
    return turned.includes(this.#trials[0]!) ? "turned" : "lasting";
  }

  snapshot(): Snapshot {
    return { trials: this.#trials.map((trial) => ({ ...trial })) };
  }

  restore(snapshot: unknown): void {
    this.#trials = arrayOf(fieldsOf(snapshot, "return"), "trials", isObject).map((item) => {
      const fields = fieldsOf(item, "trial");
      const number = (name: string) => numberOf(fields, name);
      return {
        channel: number("channel"),
        factor: number("factor"),
        sum: number("sum"),
        begun: number("begun"),
        events: number("events"),
        exposure: number("exposure"),
        opposite: number("opposite"),
      };
    });
  }
}

/** Between a changed level and the usual one, in multiples of the usual: what is nearer to the usual is back. */
const ratioOf = (factor: number): number =>
  factor > 1
    ? Math.max(LEAST_UP, factor / NEARER)
    : Math.max(MOST_DOWN, Math.min(LEAST_DOWN, factor * NEARER));

/** The trial of a channel whose level is so many times the usual one. */
function afresh(factor: number): Omit<Trial, "channel"> {
  return { factor, sum: 0, begun: 0, events: 0, exposure: 0, opposite: 0 };
}

function step(
  trial: Trial,
  { counts, exposure, seconds, start }: Sample,
  { model, parameters, dispersion }: Usual,
): void {
  const most = (model.natsOfReturn / SECONDS_DECISIVE) * Math.max(1, Math.min(SECONDS_DECISIVE, seconds));
  const count = counts[trial.channel] ?? 0;
  const parameter = parameters[trial.channel]!;
  /** The log-likelihood ratio of so many times the usual level against it. */
  const evidence = (ratio: number) =>
    (count * Math.log(ratio) - exposure * model.cost(ratio, parameter)) / dispersion;
  const sum = Math.max(0, trial.sum + Math.min(most, -evidence(ratioOf(trial.factor))));
  if (trial.sum === 0) {
    trial.begun = start;
    trial.events = 0;
    trial.exposure = 0;
  }
  trial.events += count;
  trial.exposure += exposure;
  // No more than this, so that what has returned and goes again is seen to.
  trial.sum = Math.min(sum, 2 * model.natsOfReturn);
  const other = evidence(trial.factor > 1 ? LEAST_DOWN : LEAST_UP);
  trial.opposite = Math.min(2 * model.natsOfReturn, Math.max(0, trial.opposite + Math.min(most, other)));
}

/** The level of a trial is on the other side now. */
function turn(trial: Trial, { parameters }: Usual): void {
  const level = trial.exposure === 0 ? 0 : trial.events / trial.exposure;
  const factor = level / parameters[trial.channel]!;
  // By the evidence it is beyond the usual, whatever the few events since make of it.
  const beyond = trial.factor > 1 ? Math.min(LEAST_DOWN, factor) : Math.max(LEAST_UP, factor);
  Object.assign(trial, { ...afresh(beyond), begun: trial.begun });
}
