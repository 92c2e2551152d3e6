import type { Snapshot } from "../detector.ts";
import { arrayOf, fieldsOf, isObject, numberOf } from "../snapshot.ts";
import type { Sample } from "./baseline.ts";
import type { Leader } from "./cusum-bank.ts";
import type { CountModel } from "./model.ts";

/** A channel is back when the log-likelihood ratio of the usual against the changed level is this: chance is wrong once in so many trials. */
const NATS = Math.log(600);
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
  /** Between the changed level and the usual one, in multiples of the usual: what is nearer to the usual is back. */
  readonly ratio: number;
  sum: number;
  /** When the sum last left 0: since then it has been as usual. */
  begun: number;
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
 * 0.6 times); over when all have passed ln 600 together. Holds two numbers a changed channel.
 */
export class ReturnTest {
  #trials: Trial[] = [];

  /** These channels changed; those that are known to have are passed over. */
  join(changed: readonly Changed[]): void {
    for (const { channel, factor } of changed) {
      if (this.#trials.some((trial) => trial.channel === channel)) continue;
      const ratio =
        factor > 1
          ? Math.max(LEAST_UP, factor / NEARER)
          : Math.max(MOST_DOWN, Math.min(LEAST_DOWN, factor * NEARER));
      this.#trials.push({ channel, ratio, sum: 0, begun: 0 });
    }
  }

  get channels(): readonly number[] {
    return this.#trials.map(({ channel }) => channel);
  }

  /** Since when all have been back, ms; for one that has passed. */
  get since(): number {
    return Math.max(...this.#trials.map(({ begun }) => begun));
  }

  /** @returns true when all are back. */
  push({ counts, exposure, seconds, start }: Sample, { model, parameters, dispersion }: Usual): boolean {
    const most = (NATS / SECONDS_DECISIVE) * Math.max(1, Math.min(SECONDS_DECISIVE, seconds));
    let back = true;
    for (const trial of this.#trials) {
      const { channel, ratio } = trial;
      const evidence =
        exposure * model.cost(ratio, parameters[channel]!) - (counts[channel] ?? 0) * Math.log(ratio);
      const sum = Math.max(0, trial.sum + Math.min(most, evidence / dispersion));
      if (trial.sum === 0 && sum > 0) trial.begun = start;
      // No more than this, so that what has returned and goes again is seen to.
      trial.sum = Math.min(sum, 2 * NATS);
      back &&= trial.sum >= NATS;
    }
    return back;
  }

  snapshot(): Snapshot {
    return { trials: this.#trials.map((trial) => ({ ...trial })) };
  }

  restore(snapshot: unknown): void {
    this.#trials = arrayOf(fieldsOf(snapshot, "return"), "trials", isObject).map((item) => {
      const fields = fieldsOf(item, "trial");
      return {
        channel: numberOf(fields, "channel"),
        ratio: numberOf(fields, "ratio"),
        sum: numberOf(fields, "sum"),
        begun: numberOf(fields, "begun"),
      };
    });
  }
}
